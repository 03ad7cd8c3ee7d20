"""Hostile files, each made here: small ones that ask for much, endless ones, broken ones.

In:    nothing.
Out:   FILES: a name, and a function that makes the octets.
Fails: never.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from base64 import b64encode, encodebytes
from collections.abc import Callable, Mapping
from functools import partial

from PIL import Image

from tests.render.corpus import TEXT, encrypted_pdf, pdf, pdf_file, stream

GIB = 1 << 30


def page(contents: bytes, resources: str = "", more: tuple[bytes, ...] = (), box: str = "0 0 595 842") -> bytes:
    """A PDF of one page, of objects in octets; `more` begin at 5."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << {resources} >> >>".encode(),
        contents,
        *more,
    ]
    return pdf_file([each.decode("latin-1") for each in objects])


def flate(data: bytes, entries: str = "") -> bytes:
    """A stream of it."""
    return raw(zlib.compress(data, 9), f"/Filter /FlateDecode {entries}")


def raw(data: bytes, entries: str = "") -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def zeros(count: int, *, head: bytes = b"", tail: bytes = b"") -> bytes:
    """So many zeros in zlib's form, made in small pieces."""
    packer = zlib.compressobj(9)
    piece = bytes(1 << 20)
    out = [packer.compress(head), *(packer.compress(piece) for _ in range(count >> 20)), packer.compress(tail)]
    return b"".join(out) + packer.flush()


def operators() -> bytes:
    """Half a gibibyte of drawing, in half a megabyte."""
    packer = zlib.compressobj(9)
    piece = b"0 0 m 1 1 l S\n" * 75_000
    data = b"".join(packer.compress(piece) for _ in range(500)) + packer.flush()
    return page(raw(data, "/Filter /FlateDecode"))


def forms() -> bytes:
    """Forms that each draw the next one ten times: a thousand million drawings."""
    levels = 9
    more = []
    for level in range(levels):
        last = level == levels - 1
        uses = "" if last else f"/XObject << /F {6 + level} 0 R >>"
        draws = "0 0 1 1 re f" if last else "/F Do " * 10
        entries = f"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << {uses} >>"
        more.append(stream(entries, draws).encode())
    return page(stream("", "/F Do").encode(), "/XObject << /F 5 0 R >>", tuple(more))


def endless_form() -> bytes:
    """A form that draws itself."""
    entries = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /F 5 0 R >> >>"
    return page(stream("", "/F Do").encode(), "/XObject << /F 5 0 R >>", (stream(entries, "/F Do /F Do").encode(),))


def pattern() -> bytes:
    """A tile that is drawn some thousand million times."""
    tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep .01 /YStep .01"
    tile = stream(f"{tile} /Resources << >>", "0 0 .5 .5 re f")
    return page(stream("", "/Pattern cs /P scn 0 0 595 842 re f").encode(), "/Pattern << /P 5 0 R >>", (tile.encode(),))


def groups() -> bytes:
    """Transparency within transparency, each with a bitmap of its own."""
    levels = 400
    more = []
    for level in range(levels):
        last = level == levels - 1
        uses = "" if last else f"/XObject << /F {6 + level} 0 R >>"
        entries = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Group << /S /Transparency /I true /K true >>"
        states = "/ExtGState << /G << /ca .5 /BM /Multiply >> >>"
        draws = "0 0 500 800 re f" if last else "/G gs /F Do"
        more.append(stream(f"{entries} /Resources << {uses} {states} >>", draws).encode())
    return page(stream("", "/F Do").encode(), "/XObject << /F 5 0 R >>", tuple(more))


def image(width: int, height: int, depth: int = 1) -> bytes:
    """A picture of zeros, however large."""
    octets = min(height * (width * depth // 8), 64 << 20)
    entries = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
        f"/BitsPerComponent {depth} /Filter /FlateDecode"
    )
    drawing = stream("", "595 0 0 842 0 0 cm /I Do").encode()
    return page(drawing, "/XObject << /I 5 0 R >>", (raw(zeros(octets), entries),))


def inline_image() -> bytes:
    return page(stream("", "q 595 0 0 842 0 0 cm BI /W 60000 /H 60000 /BPC 8 /CS /G ID \x00 EI Q").encode("latin-1"))


def small_images() -> bytes:
    """One picture of 10,000 x 9,000, drawn ten thousand times."""
    drawing = b"1 0 0 1 0 0 cm /I Do " * 10_000
    entries = (
        "/Type /XObject /Subtype /Image /Width 10000 /Height 9000 /ColorSpace /DeviceGray "
        "/BitsPerComponent 8 /Filter /FlateDecode"
    )
    return page(flate(drawing), "/XObject << /I 5 0 R >>", (raw(zeros(90_000_000), entries),))


def onions() -> bytes:
    """Packed ten times over."""
    data = zeros(GIB)
    for _ in range(9):
        data = zlib.compress(data, 9)
    return page(raw(data, f"/Filter [{'/FlateDecode ' * 10}]"))


def shading() -> bytes:
    """Every pel by a program."""
    program = "{ " + "2 copy add sin cos exch 3 1 roll " * 2000 + "pop pop pop 0 }"
    function = stream("/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]", program).encode()
    shade = b"<< /ShadingType 1 /ColorSpace /DeviceGray /Domain [0 1 0 1] /Matrix [595 0 0 842 0 0] /Function 6 0 R >>"
    return page(stream("", "/S sh").encode(), "/Shading << /S 5 0 R >>", (shade, function))


def type3_font() -> bytes:
    """A letter that is written with itself."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 65 /LastChar 65 "
        b"/Widths [1] /Encoding << /Differences [65 /A] >> /CharProcs << /A 6 0 R >> "
        b"/Resources << /Font << /F 5 0 R >> >> >>"
    )
    letter = stream("", "1 0 d0 BT /F 1 Tf (AAAAAAAAAA) Tj ET").encode()
    return page(stream("", "BT /F 100 Tf (AAAAAAAAAA) Tj ET").encode(), "/Font << /F 5 0 R >>", (font, letter))


def nested_arrays() -> bytes:
    return page(stream("", "f").encode(), "/X " + "[" * 100_000 + "]" * 100_000)


def page_loop() -> bytes:
    return pdf_file(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000000 >>"])


def table_loop() -> bytes:
    """Its tables of objects name one another."""
    whole = pdf(TEXT)
    at = whole.rindex(b"xref\n0")
    return whole.replace(b"trailer\n<<", f"trailer\n<< /Prev {at} ".encode(), 1)


def annotations() -> bytes:
    note = "<< /Type /Annot /F 4 /Subtype /Square /Rect [0 0 500 800] /C [1 0 0] /AP << /N 6 0 R >> >>"
    look = stream("/Type /XObject /Subtype /Form /BBox [0 0 500 800]", "0 0 500 800 re f " * 1000)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [{'5 0 R ' * 100_000}] >>",
        "null",
        note,
        look,
    ]
    return pdf_file(objects)


def pages(count: int) -> bytes:
    return pdf(*["f"] * count)


def inches(count: int) -> bytes:
    return page(stream("", TEXT).encode(), box=f"0 0 {72 * count} {72 * count}")


def box(numbers: str) -> bytes:
    return page(stream("", "f").encode(), box=numbers)


# TIFF, and other pictures.


def tiff(*directories: Mapping[int, tuple[int, int, int]], data: bytes = b"", after: int = 0) -> bytes:
    """Directories of (type, count, value) by tag, one behind the other; the last one goes on at `after`."""
    out = bytearray(struct.pack("<2sHL", b"II", 42, 8))
    for index, tags in enumerate(directories):
        entries = b"".join(struct.pack("<HHLL", tag, *value) for tag, value in sorted(tags.items()))
        end = len(out) + 2 + len(entries) + 4
        out += struct.pack("<H", len(tags)) + entries
        out += struct.pack("<L", end if index < len(directories) - 1 else after)
    return bytes(out) + data


def bilevel(
    width: int = 1728, height: int = 2000, *, compression: int = 4, at: int = 0, octets: int = 0
) -> dict[int, tuple[int, int, int]]:
    return {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, 1),
        259: (3, 1, compression),
        262: (3, 1, 0),
        273: (4, 1, at),
        277: (3, 1, 1),
        278: (4, 1, height),
        279: (4, 1, octets),
    }


def tiff_loop() -> bytes:
    return tiff(bilevel(at=200, octets=100), after=8, data=bytes(300))


def tiff_chain() -> bytes:
    """A hundred thousand directories of nothing."""
    return tiff(*[{256: (4, 1, 1)}] * 100_000)


def tiff_wild() -> bytes:
    wild = {256: (4, 1, 0xFFFFFFFF), 257: (12, 0xFFFFFFFF, 0), 258: (16, 0x7FFFFFFF, 8), 273: (3, 0xFFFFFFF0, 4)}
    return tiff({**bilevel(), **wild}, data=bytes(50))


def tiff_strips() -> bytes:
    """A strip a row, of two thousand million rows."""
    return tiff({**bilevel(height=0x7FFFFFFF), 278: (4, 1, 1), 273: (4, 0x7FFFFFFF, 8), 279: (4, 0x7FFFFFFF, 8)})


def tiff_white() -> bytes:
    """As large as a picture may be, of nothing."""
    data = b"\x80" * 1_250_000
    return tiff(bilevel(10_000, 10_000, at=122, octets=len(data)), data=data)


def tiff_tile() -> bytes:
    tiles = {322: (4, 1, 1 << 30), 323: (4, 1, 1 << 30), 324: (4, 1, 8), 325: (4, 1, 100)}
    return tiff({**bilevel(1 << 30, 1 << 30, compression=1), **tiles})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_words() -> bytes:
    """A comment of 64 MiB, and a colour profile of as much."""
    words = chunk(b"zTXt", b"Comment\0\0" + zeros(64 << 20))
    profile = chunk(b"iCCP", b"x\0\0" + zeros(64 << 20))
    return png(8, 8, zlib.compress(bytes(72)), words, profile)


def gif(width: int, height: int) -> bytes:
    """Frames as large as the format has them, a thousand of them."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + frame * 1000 + b";"


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<LllHHLLllLL", 40, width, height, 1, 8, 1, 0, 0, 0, 0, 0)
    return struct.pack("<2sLHHL", b"BM", 100, 0, 0, 54 + 1024) + head + bytes(1024) + b"\xff\0" * 1000


def psd(width: int, height: int) -> bytes:
    head = b"8BPS" + struct.pack(">H6xHLLHH", 1, 3, height, width, 8, 3) + bytes(12)
    return head + b"\0\1" + b"\0\2" * (3 * min(height, 30_000)) + b"\x81\0" * 1000


def webp(width: int, height: int) -> bytes:
    bits = 0x2F | (width - 1) << 8 | (height - 1) << 22
    data = bits.to_bytes(5, "little") + bytes(100)
    return b"RIFF" + struct.pack("<L", 12 + len(data)) + b"WEBPVP8L" + struct.pack("<L", len(data)) + data + b"\0"


def pcx(width: int, height: int) -> bytes:
    return (
        b"\x0a\5\1\x08"
        + struct.pack("<HHHHHH", 0, 0, width - 1, height - 1, 96, 96)
        + bytes(49)
        + struct.pack("<BHH", 1, width, 1)
        + bytes(58)
        + b"\xff\0" * 1000
    )


def tga(width: int, height: int) -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, width, height, 24, 0) + b"\xff\0\0\0" * 1000


def jpeg(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (16, 16)).save(out, "JPEG")
    data = out.getvalue()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


# Office files.


def docx(document: bytes, **more: bytes) -> bytes:
    types = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Override PartName="/word/document.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        b'Target="word/document.xml"/></Relationships>'
    )
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": document, **more})


def zipped(members: Mapping[str, bytes | int]) -> bytes:
    """A number stands for so many blanks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in members.items():
            with file.open(name, "w", force_zip64=False) as member:
                if isinstance(data, bytes):
                    member.write(data)
                else:
                    for _ in range(data >> 20):
                        member.write(b" " * (1 << 20))
    return out.getvalue()


WORDS = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'


def lying_docx() -> bytes:
    """What it says of its size is not so: of the 300 MB in it the directory speaks of a hundred octets."""
    data = bytearray(zipped({"word/document.xml": 300 << 20}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 100)
    return bytes(data)


def laughs() -> bytes:
    """A thousand million words out of ten names."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">{names}]>'.encode()
    return docx(head + WORDS % b"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>")


def tables() -> bytes:
    """Tables in tables, two thousand deep."""
    deep = b"<w:tbl><w:tr><w:tc>" * 2000 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 2000
    return docx(WORDS % deep)


def long_docx() -> bytes:
    return docx(WORDS % (b'<w:p><w:r><w:br w:type="page"/><w:t>x</w:t></w:r></w:p>' * 100_000))


def many_members() -> bytes:
    return zipped({"word/document.xml": b"", **{f"word/{n}.xml": b"" for n in range(50_000)}})


def rtf() -> bytes:
    return b"{\\rtf1 " + b"{\\b " * 200_000 + b"x" + b"}" * 200_000 + b"}"


def rtf_rows() -> bytes:
    return b"{\\rtf1 " + b"\\trowd\\cellx1000\\cellx2000 a\\cell b\\cell\\row\n" * 200_000 + b"}"


def fods() -> bytes:
    """A spreadsheet in which one cell is repeated over all of it."""
    sheet = (
        '<table:table table:name="a"><table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell table:number-columns-repeated="1000" office:value-type="float" office:value="1">'
        "<text:p>1</text:p></table:table-cell></table:table-row></table:table>"
    )
    return (
        '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet" office:version="1.2">'
        f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body></office:document>"
    ).encode()


# Texts.


def html(body: str, style: str = "") -> bytes:
    return f"<!doctype html><html><head><style>{style}</style></head><body>{body}</body></html>".encode()


def svg_bomb() -> str:
    """Drawings that each show the one before ten times."""
    groups = "".join(f'<g id="g{n}">{f"""<use href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 10))
    first = '<g id="g0"><rect width="9" height="9"/></g>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{first}{groups}<use href="#g9"/></svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


# Mails.


def mail(body: bytes, kind: bytes = b"text/plain", head: bytes = b"") -> bytes:
    return b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: " + kind + b"\r\n" + head + b"\r\n" + body


def attached(name: str, data: bytes, kind: str = "application/octet-stream") -> bytes:
    """One file."""
    head = f'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return mail(encodebytes(data).replace(b"\n", b"\r\n"), kind.encode(), head.encode())


def nest(depth: int) -> bytes:
    """Multiparts in one another."""
    out = b""
    for level in range(depth):
        out += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    return b"MIME-Version: 1.0\r\n" + out + b"Content-Type: text/plain\r\n\r\nx\r\n"


def forwards(depth: int) -> bytes:
    return b"MIME-Version: 1.0\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: x\r\n\r\nwords\r\n"


def parts(count: int) -> bytes:
    return mail(b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n", b"multipart/mixed; boundary=b")


def tnef(*objects: tuple[int, bytes], count: int = 1) -> bytes:
    """Objects of a winmail.dat: id and value."""
    pieces = [struct.pack("<BHHL", 1, name, 6, len(value)) + value + b"\0\0" for name, value in objects]
    return b"\x78\x9f\x3e\x22\1\0" + b"".join(pieces) * count


def winmail(data: bytes) -> bytes:
    return attached("winmail.dat", data, "application/ms-tnef")


def matryoshka(depth: int) -> bytes:
    """A winmail.dat in a winmail.dat."""
    data = tnef((0x800C, b"words"))
    for _ in range(depth):
        data = tnef((0x9002, b"\0" * 14), (0x800F, data))
    return data


def loose_rtf() -> bytes:
    """A compressed text that unpacks to four gibibytes, as it says."""
    compressed = struct.pack("<LLLL", 1000, 0xFFFFFFF0, 0x75465A4C, 0) + b"\xff" + b"\xff\xff" * 500
    prop = struct.pack("<LHHLL", 1, 0x0102, 0x1009, 1, len(compressed)) + compressed
    return tnef((0x9003, prop))


def signed(depth: int) -> bytes:
    """Opaque signatures around one another, each a promise of more."""
    begin = bytes.fromhex("308006092a864886f70d010702a080308002010131003080")
    return attached("smime.p7m", begin * depth + b"Content-Type: text/plain\r\n\r\nwords", "application/pkcs7-mime")


def encoded_words() -> bytes:
    return b"Subject: " + b"=?utf-8?q?" + b"=C3=A9" * 20_000 + b"?=\r\n" + b"From: " + b"((((" * 20_000 + b"\r\n\r\nx"


FILES: Mapping[str, Callable[[], bytes]] = {
    "operators.pdf": operators,
    "forms.pdf": forms,
    "endless-form.pdf": endless_form,
    "pattern.pdf": pattern,
    "groups.pdf": groups,
    "image-1.pdf": partial(image, 60_000, 60_000),
    "image-8.pdf": partial(image, 30_000, 30_000, 8),
    "image-long.pdf": partial(image, 8, 100_000_000),
    "inline-image.pdf": inline_image,
    "small-images.pdf": small_images,
    "onions.pdf": onions,
    "shading.pdf": shading,
    "type3-font.pdf": type3_font,
    "nested-arrays.pdf": nested_arrays,
    "page-loop.pdf": page_loop,
    "table-loop.pdf": table_loop,
    "annotations.pdf": annotations,
    "pages.pdf": partial(pages, 10_000),
    "inches.pdf": partial(inches, 200),
    "huge.pdf": partial(box, "0 0 1e9 1e9"),
    "flat.pdf": partial(box, "0 0 0 0"),
    "infinite.pdf": partial(box, "-1e38 -1e38 1e38 1e38"),
    "truncated.pdf": lambda: pdf(TEXT)[:2000],
    "encrypted.pdf": encrypted_pdf,
    "empty.pdf": lambda: b"%PDF-1.7\n",
    "loop.tif": tiff_loop,
    "chain.tif": tiff_chain,
    "wild.tif": tiff_wild,
    "strips.tif": tiff_strips,
    "white.tif": tiff_white,
    "tile.tif": tiff_tile,
    "wide.tif": lambda: tiff(bilevel(0xFFFFFFFF, 0xFFFFFFFF)),
    "big.png": lambda: png(50_000, 50_000, zeros(100 << 20)),
    "full.png": lambda: png(10_000, 10_000, zeros(10_000 * 10_001)),
    "words.png": png_words,
    "big.gif": partial(gif, 65_535, 65_535),
    "full.gif": partial(gif, 10_000, 10_000),
    "big.bmp": partial(bmp, 60_000, 60_000),
    "full.bmp": partial(bmp, 10_000, 10_000),
    "big.psd": partial(psd, 30_000, 30_000),
    "full.psd": partial(psd, 10_000, 10_000),
    "big.webp": partial(webp, 16_384, 16_384),
    "big.pcx": partial(pcx, 65_535, 65_535),
    "full.pcx": partial(pcx, 10_000, 10_000),
    "big.tga": partial(tga, 65_535, 65_535),
    "full.tga": partial(tga, 10_000, 10_000),
    "big.jpg": partial(jpeg, 65_500, 65_500),
    "full.jpg": partial(jpeg, 10_000, 10_000),
    "big.docx": lambda: zipped({"word/document.xml": 300 << 20}),
    "lying.docx": lying_docx,
    "laughs.docx": laughs,
    "tables.docx": tables,
    "long.docx": long_docx,
    "members.docx": many_members,
    "nested.rtf": rtf,
    "rows.rtf": rtf_rows,
    "repeated.fods": fods,
    "deep.html": lambda: html("<div>" * 20_000),
    "deeper.html": lambda: html("<table><tr><td>" * 2_000 + "x"),
    "cells.html": lambda: html("<table>" + "<tr>" + "<td>x" * 150 + "</tr>" * 120 + "</table>"),
    "rows.html": lambda: html("<table>" + ("<tr>" + "<td>x" * 10 + "</tr>") * 1800 + "</table>"),
    "spans.html": lambda: html('<table><tr><td rowspan="65534" colspan="1000">x</td></tr><tr><td>y</table>' * 20),
    "letters.html": lambda: html("x", "body { font-size: 1e9pt }"),
    "pages.html": lambda: html("<p>x</p>" * 9000, "p { break-after: page }"),
    "margins.html": lambda: html("<p>x</p>", "p { margin-top: 1e9mm } body { padding: 1e7em }"),
    "columns.html": lambda: html("x " * 50_000, "body { columns: 10000 }"),
    "paper.html": lambda: html("x", "@page { size: 1e9mm 1e9mm }"),
    "selectors.html": lambda: html(
        "<p><b>x</b></p>" * 4000, "".join(f"p:not(:nth-child({n})) b > * {{}} " for n in range(3000))
    ),
    "svg.html": lambda: html(f'<img src="{svg_bomb()}">'),
    "counters.html": lambda: html(
        "<p>x</p>" * 3000, "p { counter-increment: a; } p::before { content: counters(a, '.') }"
    ),
    "rows.csv": lambda: b"a,b,c\n" * 1_000_000,
    "short-rows.csv": lambda: b"a,b\n" * 240_000,
    "columns.csv": lambda: b"a," * 450_000,
    "quote.csv": lambda: b'a,b\n"' + b"x,\n" * 300_000,
    "feeds.txt": lambda: b"\f" * (100 << 20),
    "short-feeds.txt": lambda: b"x\f" * 490_000,
    "line.txt": lambda: b"x" * 900_000,
    "marks.txt": lambda: ("e" + "\u0301" * 400_000).encode(),
    "arabic.txt": lambda: ("\u0645\u0631\u062d\u0628\u0627 " * 80_000).encode(),
    "zalgo.txt": lambda: ("\u0e01\u0e33\u0e49" * 100_000).encode(),
    "nest.eml": lambda: nest(10_000),
    "forwards.eml": lambda: forwards(10_000),
    "parts.eml": lambda: parts(100_000),
    "words.eml": encoded_words,
    "semicolons.eml": lambda: mail(b"x", b"text/plain" + b";" * 100_000),
    "header.eml": lambda: b"X: y\r\n" * 500_000 + b"\r\nx",
    "boundaries.eml": lambda: mail(b"--b\r\n" * 200_000, b"multipart/mixed; boundary=b"),
    "base64.eml": lambda: mail(b"=" * 5_000_000, head=b"Content-Transfer-Encoding: base64\r\n"),
    "quoted.eml": lambda: mail(b"=" * 900_000, head=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "begin.eml": lambda: mail(b"begin 644 a.txt\r\n" * 50_000),
    "tnef-objects.eml": lambda: winmail(tnef((0x8004, b"x"), count=100_000)),
    "tnef-long.eml": lambda: winmail(tnef((0x9003, struct.pack("<L", 0xFFFFFFFF) + bytes(100)))),
    "tnef-cut.eml": lambda: winmail(tnef((0x800F, bytes(100)))[:-50]),
    "tnef-nested.eml": lambda: winmail(matryoshka(1000)),
    "tnef-rtf.eml": lambda: winmail(loose_rtf()),
    "signed.eml": lambda: signed(2000),
    "cid.eml": lambda: mail(html("<img src='cid:x'>" * 15_000), b"text/html"),
    "charset.eml": lambda: mail(b"x" * 1000, b"text/plain; charset=" + b"x" * 100_000),
    "punycode.eml": lambda: mail(b"-" * 900_000, b"text/plain; charset=punycode"),
    "unicode-escape.eml": lambda: mail(b"\\N{SPACE}" * 90_000, b"text/plain; charset=unicode_escape"),
}
