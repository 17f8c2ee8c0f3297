"""Any binding, intent and write, for the property tests of the state."""

from __future__ import annotations

from hypothesis import strategies as st

from catalogsync.model.outputs import Progress
from catalogsync.model.remote import UploadForm
from catalogsync.model.spend import READING, Charge, NoteCharges, Predict
from catalogsync.model.state import (
    Bind,
    Bury,
    ContentBinding,
    Intend,
    Intent,
    KnownImage,
    Note,
    NoteCredits,
    NoteDuration,
    NoteScope,
    OutputRecord,
    Phase,
    ProductBinding,
    RenderBinding,
    Restore,
    RunEnded,
    RunStarted,
    Settle,
    State,
    Unbind,
)

words = st.text(max_size=8)
pairs = st.dictionaries(words, words, max_size=3)
# Few names, so that random writes meet each other.
addresses = st.sampled_from(["product.A", "product.B", "content.A", "render.é"])
ids = st.sampled_from(["1", "2", "3"])
counts = st.integers(0, 2**40)
image_ids = st.integers() | words
forms = st.builds(UploadForm, words, st.lists(st.tuples(words, words), max_size=3).map(tuple))

products = st.builds(
    ProductBinding,
    address=addresses,
    unicode=words,
    fields=pairs,
    model_form=st.none() | forms,
    thumbnail_form=st.none() | forms,
    seen_at=words,
)
images = st.builds(KnownImage, image_ids, words, st.booleans())
contents = st.builds(
    ContentBinding,
    address=addresses,
    unicode=words,
    outputs=st.dictionaries(words, st.builds(OutputRecord, words, st.sampled_from(Progress), words), max_size=3),
    images=st.lists(images, max_size=3).map(tuple),
    seen_at=words,
)
renders = st.builds(
    RenderBinding,
    address=addresses,
    sku_ids=st.lists(words, max_size=3).map(tuple),
    image_ids=st.lists(image_ids, max_size=3).map(tuple),
    former_image_ids=st.lists(image_ids, max_size=3).map(tuple),
    seen_at=words,
)
intents = st.builds(Intent, id=ids, run_id=ids, address=addresses, request=pairs)


def _by_address(bindings: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(bindings, max_size=3).map(lambda made: {one.address: one for one in made})


states = st.builds(
    State,
    lineage=words,
    serial=counts,
    products=_by_address(products),
    contents=_by_address(contents),
    renders=_by_address(renders),
    intents=st.lists(intents, max_size=3).map(tuple),
    buried=st.frozensets(words, max_size=3),
    credits_available=st.none() | counts,
    catalog=words,
    api_url=words,
    plan_id=words,
)

charges = st.lists(st.builds(Charge, addresses | st.just(READING), words, counts), max_size=3).map(tuple)
writes = st.one_of(
    st.builds(Bind, products | contents | renders),
    st.builds(Unbind, addresses),
    st.builds(Intend, intents),
    st.builds(Settle, ids, st.sampled_from(Phase), words),
    st.builds(Note, ids, addresses, words, st.sampled_from(Phase), words),
    st.builds(Bury, ids),
    st.builds(Restore, states),
    st.builds(NoteCredits, counts),
    st.builds(NoteScope, words, words),
    st.builds(NoteDuration, st.sampled_from(["ar", "silo", "render"]), st.floats(0, 1e6)),
    st.builds(NoteCharges, ids, charges, st.none() | counts),
    st.builds(Predict, ids, charges),
    st.builds(RunStarted, ids, words, words, words),
    st.builds(RunEnded, ids, words, counts, words),
)
