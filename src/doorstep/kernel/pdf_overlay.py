"""A page laid over one of a document, as a further revision: every byte of the document stays."""

from __future__ import annotations

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

NAME = "/Overlay"


def pdf_overlay(*, pdf: bytes, sheet: bytes, page: int = -1) -> bytes:
    """The document with the first page of `sheet` drawn over one of its pages, the last by default.

    What is returned begins with the very bytes of `pdf`. The drawing is marked as an artifact:
    the structure of the document (PDF/A-2a) holds what can be read aloud, and the sheet has none.
    """
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    number = page % int(writer.root["/Pages"]["/Count"])
    drawing = writer.import_page_as_xobject(PdfFileReader(BytesIO(sheet)))
    resources = _dictionary({"/XObject": _dictionary({NAME: drawing})})
    _add(writer, number, b"q", before=True)
    _add(writer, number, b"Q")
    _add(writer, number, b"/Artifact BMC q %s Do Q EMC" % NAME.encode(), resources=resources)
    written = BytesIO()
    writer.write(written)  # type: ignore[no-untyped-call]
    return written.getvalue()


def _add(
    writer: IncrementalPdfFileWriter,
    page: int,
    content: bytes,
    *,
    before: bool = False,
    resources: generic.DictionaryObject | None = None,
) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=content))
    writer.add_stream_to_page(page, stream, resources, prepend=before)  # type: ignore[no-untyped-call]


def _dictionary(values: dict[str, object]) -> generic.DictionaryObject:
    named = {pdf_name(name): value for name, value in values.items()}
    return generic.DictionaryObject(named)  # type: ignore[no-untyped-call]
