"""Takes the picture out of the engine's window: quickly where OpenGL can be asked, else as the engine hands it out.

`render_to_image` of f3d draws everything three times over to get a picture without background. Drawn once on black,
what is in the window's framebuffer is the same picture, premultiplied. Which framebuffer that is, nobody says: the
first picture that shows something is taken both ways, and the quick one is used from then on if it is equal.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
READ_FRAMEBUFFER, READ_BINDING, RGBA, UNSIGNED_BYTE = 0x8CA8, 0x8CAA, 0x1908, 0x1401
CANDIDATES = (1, 2, 3, 4)
ROUNDING = 1
Reading = Callable[[int, int, int], Bytes]


class Grab:
    """The pictures of one window, whose background must be black."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._reading = framebuffers()
        self._framebuffer: int | None = None

    def picture(self, width: int, height: int) -> Bytes:
        """RGBA, premultiplied, top row first, drawn now."""
        if self._reading is not None and self._framebuffer is not None:
            self._window.render()
            return self._reading(self._framebuffer, width, height)
        image = self._window.render_to_image(True)
        slow = np.frombuffer(image.content, np.uint8).reshape(height, width, image.channel_count)[::-1]
        if self._reading is not None and slow.any():
            self._choose(self._reading, slow)
        return slow

    def _choose(self, reading: Reading, slow: Bytes) -> None:
        """Find the framebuffer with this picture, or give the quick way up."""
        height, width, _ = slow.shape
        self._window.render()
        for number in CANDIDATES:
            quick = reading(number, width, height).astype(int)
            if np.abs(quick - slow).max() <= ROUNDING:
                self._framebuffer = number
                return
        self._reading = None


def framebuffers() -> Reading | None:
    """How to read a framebuffer by its number; None where OpenGL is not reached through EGL."""
    if sys.platform != "linux":
        return None
    try:
        egl = ctypes.CDLL("libEGL.so.1")
    except OSError:
        return None
    egl.eglGetCurrentContext.restype = ctypes.c_void_p
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    addresses = [egl.eglGetProcAddress(name) for name in (b"glBindFramebuffer", b"glReadPixels", b"glGetIntegerv")]
    if not egl.eglGetCurrentContext() or not all(addresses):
        return None
    number, whole, place = ctypes.c_uint, ctypes.c_int, ctypes.c_void_p
    bind = ctypes.CFUNCTYPE(None, number, number)(addresses[0])
    read = ctypes.CFUNCTYPE(None, *([whole] * 4), number, number, place)(addresses[1])
    ask = ctypes.CFUNCTYPE(None, number, place)(addresses[2])

    def reading(framebuffer: int, width: int, height: int) -> Bytes:
        before = whole()
        ask(READ_BINDING, ctypes.byref(before))
        pixels = np.zeros((height, width, 4), np.uint8)
        bind(READ_FRAMEBUFFER, framebuffer)
        read(0, 0, width, height, RGBA, UNSIGNED_BYTE, pixels.ctypes.data)
        bind(READ_FRAMEBUFFER, before.value)
        return pixels[::-1]

    return reading
