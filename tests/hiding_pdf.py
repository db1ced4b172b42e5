"""PDF files made here, with a word in every place where something can hide."""

from __future__ import annotations

import io
from typing import Any

from hiding_places import Words, jpeg, profile, xmp

SHOWN = "The harbor was quiet that morning"


def pdf(words: Words) -> bytes:
    import pypdf
    from pypdf import generic as g
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 400), pageCompression=1)
    canvas.setTitle(words()), canvas.setAuthor(words()), canvas.setSubject(words())
    canvas.drawString(30, 350, SHOWN)
    canvas.bookmarkPage("here")
    canvas.addOutlineEntry(words(), "here")
    canvas.showPage()
    canvas.drawString(30, 350, "Boats came in at noon")
    canvas.showPage()
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out.getvalue()))
    name, text = g.NameObject, g.TextStringObject

    def entry(**items: Any) -> Any:
        return g.DictionaryObject({name("/" + key): value for key, value in items.items()})

    def stream(data: bytes, **items: Any) -> Any:
        made = g.DecodedStreamObject()
        made.set_data(data)
        made.update(entry(**items))
        return writer._add_object(made)

    def numbers(*values: float) -> Any:
        return g.ArrayObject(g.FloatObject(value) for value in values)

    writer.add_attachment(words(), words.raw())
    writer.add_metadata({"/Keywords": words(), "/Private": words()})
    root, page = writer.root_object, writer.pages[0]
    xml = {"Type": name("/Metadata"), "Subtype": name("/XML")}
    root[name("/Metadata")] = stream(xmp(words), **xml)
    root[name("/Lang")] = text(words())
    root[name("/PageLabels")] = entry(
        Nums=g.ArrayObject([g.NumberObject(0), entry(P=text(words()))])
    )
    alt = entry(Type=name("/StructElem"), S=name("/Figure"), Alt=text(words()))
    root[name("/StructTreeRoot")] = entry(K=g.ArrayObject([writer._add_object(alt)]))
    script = entry(S=name("/JavaScript"), JS=text(words()))
    root[name("/OpenAction")] = script
    root["/Names"][name("/JavaScript")] = entry(Names=g.ArrayObject([text(words()), script]))
    private = entry(Private=text(words()))
    page[name("/PieceInfo")] = entry(Program=private)
    page[name("/Metadata")] = stream(xmp(words), **xml)
    page[name("/Thumb")] = stream(
        words.raw(), Width=g.NumberObject(3), Height=g.NumberObject(1),
        ColorSpace=name("/DeviceRGB"), BitsPerComponent=g.NumberObject(8),
    )  # fmt: skip
    page[name("/AA")] = entry(O=entry(S=name("/JavaScript"), JS=text(words())))
    # Two layers; one of them is off.
    off, on = (writer._add_object(entry(Type=name("/OCG"), Name=text(words()))) for _ in "ab")
    root[name("/OCProperties")] = entry(
        OCGs=g.ArrayObject([off, on]), D=entry(OFF=g.ArrayObject([off]))
    )
    resources = page["/Resources"]
    resources[name("/XObject")] = entry()
    resources[name("/Properties")] = entry(Off=off, On=on)
    content = page.get_contents().get_data()
    content += f"""
% {words()}
/OC /Off BDC BT /F1 12 Tf 30 200 Td ({words()}) Tj ET EMC
/OC /On BDC BT /F1 12 Tf 30 180 Td (A layer that is on) Tj ET EMC
/Span <</ActualText ({words()})>> BDC BT /F1 12 Tf 30 160 Td (Nets) Tj ET EMC
/Note <</E ({words()})>> DP ({words()}) 1 0 0 1 0 0 cm /Off2 Do
""".encode()
    hidden = stream(
        f"BT /F1 12 Tf ({words()}) Tj ET".encode(), Type=name("/XObject"), Subtype=name("/Form"),
        BBox=numbers(0, 0, 99, 99), OC=off,
    )  # fmt: skip
    unused = stream(
        f"({words()}) pop".encode(), Type=name("/XObject"), Subtype=name("/Form"),
        BBox=numbers(0, 0, 9, 9),
    )  # fmt: skip
    resources["/XObject"][name("/Off2")], resources["/XObject"][name("/Unused")] = hidden, unused
    image = g.StreamObject()
    image._data = jpeg(words)
    image.update(
        entry(
            Type=name("/XObject"), Subtype=name("/Image"), Width=g.NumberObject(48),
            Height=g.NumberObject(32), BitsPerComponent=g.NumberObject(8),
            Filter=name("/DCTDecode"),
            ColorSpace=name("/DeviceRGB"), Name=text(words()), Metadata=stream(xmp(words), **xml),
        )
    )  # fmt: skip
    resources["/XObject"][name("/Photo")] = writer._add_object(image)
    content += b"q 48 0 0 32 30 250 cm /Photo Do Q\n"
    colors = stream(profile(words), N=g.NumberObject(3))
    resources[name("/ColorSpace")] = entry(C0=g.ArrayObject([name("/ICCBased"), colors]))
    content += b"/C0 cs 1 0 0 sc 200 200 20 20 re f\n"
    page[name("/Contents")] = stream(content)
    look = stream(
        b"BT /F1 12 Tf 2 5 Td (A field that is shown) Tj ET", Type=name("/XObject"),
        Subtype=name("/Form"), BBox=numbers(0, 0, 150, 20), Resources=page["/Resources"],
    )  # fmt: skip
    field = writer._add_object(
        entry(
            Type=name("/Annot"), Subtype=name("/Widget"), FT=name("/Tx"), T=text(words()),
            TU=text(words()), V=text(words()), Rect=numbers(30, 100, 180, 120), AP=entry(N=look),
            F=g.NumberObject(4),
        )
    )  # fmt: skip
    note = writer._add_object(
        entry(
            Type=name("/Annot"), Subtype=name("/Text"), Contents=text(words()), T=text(words()),
            Rect=numbers(10, 10, 20, 20),
        )
    )  # fmt: skip
    page[name("/Annots")] = g.ArrayObject([field, note])
    root[name("/AcroForm")] = entry(Fields=g.ArrayObject([field]), XFA=stream(words.raw()))
    stream(words.raw())  # belongs to nothing
    writer._ID = g.ArrayObject([g.ByteStringObject(words.raw()), g.ByteStringObject(words.raw())])
    second = f"BT /F1 12 Tf 30 350 Td ({words()}) Tj ET".encode()
    writer.pages[1][name("/Contents")] = stream(second)
    out = io.BytesIO()
    writer.write(out)
    # An earlier revision whose text a later one replaced.
    later = pypdf.PdfWriter(io.BytesIO(out.getvalue()), incremental=True)
    later.pages[1][name("/Contents")] = later._add_object(g.DecodedStreamObject())
    later.pages[1]["/Contents"].set_data(b"BT /F1 12 Tf 30 350 Td (Boats came in at night) Tj ET")
    out = io.BytesIO()
    later.write(out)
    return out.getvalue() + words.raw()
