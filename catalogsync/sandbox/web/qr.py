"""A QR code as inline SVG."""

import io


def qr_code(text: str) -> str:
    """An `<svg>` of `text`, black on white whatever the page's colours: cameras want it so."""
    import segno

    file = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(file, kind="svg", xmldecl=False, svgns=True, scale=1, border=4, dark="#000", light="#fff", omitsize=True)
    return file.getvalue().decode().replace("<svg ", '<svg role="img" aria-label="QR code of this page" ', 1)
