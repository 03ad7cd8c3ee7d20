"""Office files, written by hand: small, and as hostile as asked for."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office", "text": "text", "draw": "drawing", "svg": "svg-compatible", "table": "table",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'  # fmt: skip
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)  # of no date, so that the same is the same
            archive.writestr(member, data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def relation(kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'


def relations(inner: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def ooxml(main: str, kind: str, members: Mapping[str, str], others: Mapping[str, str] | None = None) -> bytes:
    types = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.{told}+xml"/>'
        for name, told in {main: kind, **(others or {})}.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{rels}{types}</Types>',
            "_rels/.rels": relations(relation("officeDocument", main)),
            **members,
        }
    )


def docx(*paragraphs: str, body: str = "", rels: str = "") -> bytes:
    body = body or "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    members = {
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": relations(rels),
    }
    return ooxml("word/document.xml", "wordprocessingml.document.main", members)


def docx_of_pages(count: int) -> bytes:
    return docx(body='<w:p><w:r><w:t>page</w:t><w:br w:type="page"/></w:r></w:p>' * count)


def docx_with_picture_at(url: str) -> bytes:
    picture = (
        f'<pic:pic xmlns:pic="{DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="1" name="x"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:link="r1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="2000000" cy="2000000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic>'
    )
    body = (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing"><wp:extent cx="2000000" '
        f'cy="2000000"/><wp:docPr id="1" name="x"/><a:graphic xmlns:a="{DRAWING}/main"><a:graphicData '
        f'uri="{DRAWING}/picture">{picture}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
    )
    return docx(body=body, rels=relation("image", url, outside=True))


def xlsx(*rows: tuple[str | int, ...]) -> bytes:
    """A text that begins with = is a formula without a result."""
    data = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    return ooxml(
        "xl/workbook.xml",
        "spreadsheetml.sheet.main",
        {
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets><sheet name="One" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(relation("worksheet", "sheet.xml")),
            "xl/sheet.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{data}</sheetData></worksheet>',
        },
        {"xl/sheet.xml": "spreadsheetml.worksheet"},
    )


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f"<c><f>{value[1:]}</f></c>" if value.startswith("=") else f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def endless_xlsx() -> bytes:
    formula = "=SUMPRODUCT((ROW($1:$60000)*COLUMN(A:Z)+RAND())*(ROW($1:$60000)&gt;0))"
    return xlsx(*[(formula,) * 200] * 200)


def odf(kind: str, content: str, *, listed: str = "", others: Mapping[str, str] | None = None) -> bytes:
    entries = {"/": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "text/xml"}
    entries |= dict.fromkeys(others or {}, "text/xml")
    named = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{told}">{listed}</manifest:file-entry>'
        for name, told in entries.items()
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f'<office:document-content {ODF} office:version="1.2">{content}</office:document-content>',
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{MANIFEST}" manifest:version="1.2">{named}'
            "</manifest:manifest>",
            **(others or {}),
        }
    )


def odt(inner: str, *, listed: str = "") -> bytes:
    return odf("text", f"<office:body><office:text>{inner}</office:text></office:body>", listed=listed)


def odt_with_picture_at(url: str) -> bytes:
    image = f'<draw:image xlink:href="{url}" xlink:type="simple"/>'
    return odt(f'<text:p><draw:frame svg:width="5cm" svg:height="5cm">{image}</draw:frame></text:p>')


def locked_odt() -> bytes:
    return odt("<text:p>x</text:p>", listed='<manifest:encryption-data manifest:checksum="x"/>')


def ods_with_macro(code: str) -> bytes:
    """One whose only cell calls it."""
    library = 'xmlns:library="http://openoffice.org/2000/library"'
    module = 'xmlns:script="http://openoffice.org/2000/script" script:name="M" script:language="StarBasic"'
    cell = '<table:table-cell table:formula="of:=MAIN()"/>'
    return odf(
        "spreadsheet",
        f'<office:body><office:spreadsheet><table:table table:name="One"><table:table-row>{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body>",
        others={
            "Basic/script-lc.xml": f'<library:libraries {library}><library:library library:name="Standard" '
            'library:link="false"/></library:libraries>',
            "Basic/Standard/script-lb.xml": f'<library:library {library} library:name="Standard" '
            'library:readonly="false" library:passwordprotected="false"><library:element library:name="M"/>'
            "</library:library>",
            "Basic/Standard/M.xml": f"<script:module {module}>Function Main()\n{code}\nMain = 7\nEnd Function\n"
            "</script:module>",
        },
    )


def odp(*slides: str) -> bytes:
    box = 'svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="5cm"'
    pages = "".join(
        f'<draw:page draw:name="{name}"><draw:frame {box}><draw:text-box><text:p>{name}</text:p></draw:text-box>'
        "</draw:frame></draw:page>"
        for name in slides
    )
    return odf("presentation", f"<office:body><office:presentation>{pages}</office:presentation></office:body>")


def fodt(text: str) -> bytes:
    kind = 'office:mimetype="application/vnd.oasis.opendocument.text"'
    body = f"<office:body><office:text><text:p>{text}</text:p></office:text></office:body>"
    return f'<?xml version="1.0"?><office:document {ODF} office:version="1.2" {kind}>{body}</office:document>'.encode()


def excel_xml(text: str) -> bytes:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    cell = f'<Row><Cell><Data ss:Type="String">{text}</Data></Cell></Row>'
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="One"><Table>{cell}</Table></Worksheet></Workbook>'
    ).encode()


def wk1(text: str) -> bytes:
    """Lotus 1-2-3's records: a kind, a length, octets."""
    label = struct.pack("<BHH", 0, 0, 0) + b"'" + text.encode("ascii") + b"\0"
    # BOF, RANGE, CPI, CALCMODE, CALCORDER, SPLIT, SYNC, COLW1, LABEL, EOF
    records = [(0, b"\6\4"), (6, bytes(8)), (150, bytes(6)), (2, b"\xff"), (3, b"\0"), (4, b"\0"), (5, b"\xff")]
    records += [(8, b"\0\0\x09"), (15, label), (1, b"")]
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)


def xls_of_excel_2(text: str) -> bytes:
    """A sheet by itself: BOF, LABEL, EOF."""
    label = struct.pack("<HH3sB", 0, 0, bytes(3), len(text)) + text.encode("ascii")
    records = [(9, struct.pack("<HH", 2, 0x10)), (4, label), (10, b"")]
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)


def xlsb(text: str) -> bytes:
    """A workbook whose parts are records of octets (MS-XLSB section 2.1.4)."""

    def records(*each: tuple[int, bytes]) -> bytes:
        return b"".join(_record(kind, data) for kind, data in each)

    def string(words: str) -> bytes:
        return struct.pack("<I", len(words)) + words.encode("utf-16-le")

    sheet = struct.pack("<II", 0, 1) + string("r1") + string("a")
    row = struct.pack("<IIHBBBI", 0, 0, 300, 0, 0, 0, 0)
    cell = struct.pack("<II", 0, 0) + string(text)
    kind = "application/vnd.ms-excel"
    types = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.bin" ContentType="{kind}.sheet.binary.macroEnabled.main"/>'
        f'<Override PartName="/xl/worksheets/sheet1.bin" ContentType="{kind}.worksheet"/>'
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
            "_rels/.rels": relations(relation("officeDocument", "xl/workbook.bin")),
            "xl/workbook.bin": records((131, b""), (143, b""), (156, sheet), (144, b""), (132, b"")),
            "xl/_rels/workbook.bin.rels": relations(relation("worksheet", "worksheets/sheet1.bin")),
            "xl/worksheets/sheet1.bin": records((129, b""), (145, b""), (0, row), (6, cell), (146, b""), (130, b"")),
        }
    )


def _record(kind: int, data: bytes) -> bytes:
    name = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 127 else bytes([kind])
    size = bytes([len(data) & 0x7F | 0x80, len(data) >> 7]) if len(data) > 127 else bytes([len(data)])
    return name + size + data


def write(text: str) -> bytes:
    """Microsoft Write: pages of 128 octets; the words, then how letters and how paragraphs look."""
    words = text.encode("ascii") + b"\r\n"
    end = 128 + len(words)
    look = struct.pack("<IIH", 128, end, 0xFFFF).ljust(127, b"\0") + b"\1"
    pages = (3, 4, 4, 4, 4, 4)  # of paragraphs, footnotes, sections twice, pages, fonts
    head = struct.pack("<HHH8xI6H", 0xBE31, 0, 0xAB00, end, *pages).ljust(96, b"\0") + struct.pack("<H", 4)
    return head.ljust(128, b"\0") + words.ljust(128, b"\0") + look + look


def rtf(text: str) -> bytes:
    return b"{\\rtf1\\ansi " + text.encode("ascii") + b"\\par}"
