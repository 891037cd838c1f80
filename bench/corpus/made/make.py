"""Writes files into the current folder, as programs in Python write them."""

import bz2
import csv
import gzip
import json
import lzma
import pathlib
import random
import tarfile
import zipfile

import docx
import openpyxl
import pandas
import pillow_heif
import PIL.Image
import pptx
import py7zr
import pypdf
import xlsxwriter
import zstandard
from fpdf import FPDF
from odf.opendocument import OpenDocumentPresentation, OpenDocumentSpreadsheet, OpenDocumentText
from odf.text import P
from reportlab.pdfgen.canvas import Canvas

dice = random.Random(8)
WORDS = "sluice weir lock gate river mill pond dam levee canal Zoë Grüße 漢字 наука".split()


def words(count):
    return " ".join(dice.choice(WORDS) for _ in range(count))


def spreadsheets():
    """A hundred small ones by openpyxl: between a few cells and some hundred, so that their table of contents moves."""
    for number in range(100):
        book = openpyxl.Workbook()
        sheet = book.active
        for row in range(5 + 3 * number):
            sheet.append([row, words(2), dice.random(), f"=A{row + 1}*2"])
        for extra in range(number % 4):
            book.create_sheet(words(1) + str(extra)).append([words(3)])
        book.save(f"openpyxl-{number:03}.xlsx")
        frame = pandas.DataFrame({"word": [words(1) for _ in range(4 * number + 1)], "value": range(4 * number + 1)})
        if number % 4 == 0:
            frame.to_excel(f"pandas-{number:03}.xlsx", index=False)
            frame.to_excel(f"pandas-xlsxwriter-{number:03}.xlsx", engine="xlsxwriter")
            frame.to_excel(f"pandas-{number:03}.ods", engine="odf")
            frame.to_csv(f"pandas-{number:03}.csv")
            frame.to_json(f"pandas-{number:03}.json", orient="records")
            frame.to_json(f"pandas-{number:03}.jsonl", orient="records", lines=True)
            frame.to_parquet(f"pyarrow-{number:03}.parquet")
            frame.to_parquet(f"fastparquet-{number:03}.parquet", engine="fastparquet", compression="gzip")
            frame.to_csv(f"pandas-{number:03}.csv.gz")
            frame.to_csv(f"pandas-{number:03}.csv.zst")
            frame.to_html(f"pandas-{number:03}.html")
    with xlsxwriter.Workbook("chart.xlsx") as book:
        sheet = book.add_worksheet("Données")
        sheet.write_column("A1", range(50))
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Données!$A$1:$A$50"})
        sheet.insert_chart("C1", chart)


def documents():
    for number in range(20):
        letter = docx.Document()
        letter.add_heading(words(3))
        for _ in range(5 * number):
            letter.add_paragraph(words(20))
        letter.save(f"python-docx-{number:02}.docx")
        slides = pptx.Presentation()
        for _ in range(1 + number):
            slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = words(4)
        slides.save(f"python-pptx-{number:02}.pptx")
    for make, name in (
        (OpenDocumentText, "odfpy.odt"),
        (OpenDocumentSpreadsheet, "odfpy.ods"),
        (OpenDocumentPresentation, "odfpy.odp"),
    ):
        document = make()
        if name.endswith("odt"):
            document.text.addElement(P(text=words(30)))
        document.save(name)
    paper = FPDF()
    paper.add_page()
    paper.set_font("helvetica", size=12)
    paper.cell(text="fpdf2")
    paper.output("fpdf2.pdf")
    canvas = Canvas("reportlab.pdf")
    canvas.drawString(100, 700, "reportlab")
    canvas.save()
    writer = pypdf.PdfWriter(clone_from="fpdf2.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write("encrypted.pdf")


def pictures():
    pillow_heif.register_heif_opener()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"):
        for extension in ("jpg", "png", "gif", "webp", "avif", "heic", "tiff", "bmp", "jfif"):
            name = f"{mode.replace(';', '')}.{extension}"
            try:
                PIL.Image.new(mode, (37, 21)).save(name)
            except (OSError, ValueError, KeyError, AttributeError):
                pathlib.Path(name).unlink(missing_ok=True)  # a format that has no such pixels
    noise = PIL.Image.frombytes("RGB", (300, 200), dice.randbytes(180_000))
    exif = PIL.Image.Exif()
    exif[0x010E] = "a description of " + words(400)
    exif[0x0132] = "2026:11:26 12:00:00"
    for extension in ("jpg", "png", "webp", "avif", "heic", "tiff"):
        noise.save(f"exif.{extension}", exif=exif)
    for quality in (1, 30, 60, 95):
        noise.save(f"quality-{quality}.jpg", quality=quality, progressive=quality > 50, comment=words(40))
        noise.save(f"quality-{quality}.webp", quality=quality)
    frames = [noise.rotate(angle) for angle in (90, 180)]
    for extension in ("gif", "webp", "png", "avif"):
        noise.save(f"moving.{extension}", save_all=True, append_images=frames, duration=100)


def archives():
    pathlib.Path("inner.txt").write_text(words(300), encoding="utf-8")
    text = pathlib.Path("inner.txt").read_bytes()
    for name, tool in (("stdlib.txt.gz", gzip), ("stdlib.txt.bz2", bz2), ("stdlib.txt.xz", lzma)):
        with tool.open(name, "wb") as file:
            file.write(text)
    for form, name in ((tarfile.USTAR_FORMAT, "ustar"), (tarfile.GNU_FORMAT, "gnu"), (tarfile.PAX_FORMAT, "pax")):
        for end in ("", ".gz", ".bz2", ".xz"):
            with tarfile.open(f"stdlib-{name}.tar{end}", f"w:{end[1:]}", format=form) as archive:
                archive.add("inner.txt", arcname="Grüße/" + "lang/" * 30 + "a.txt")
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(f"stdlib-{compression}.zip", "w", compression) as archive:
            archive.comment = b"a comment"
            for number in range(30):
                archive.writestr(f"folder/{number}.txt", text)
    with zipfile.ZipFile("zip64.zip", "w") as archive, archive.open("a.txt", "w", force_zip64=True) as entry:
        entry.write(text)
    with zipfile.ZipFile("empty.zip", "w"):
        pass
    with py7zr.SevenZipFile("py7zr.7z", "w") as archive:
        archive.write("inner.txt")
    with py7zr.SevenZipFile("py7zr-locked.7z", "w", password="secret", header_encryption=True) as archive:
        archive.write("inner.txt")
    for level in (1, 3, 19):
        pathlib.Path(f"zstandard-{level}.zst").write_bytes(zstandard.ZstdCompressor(level).compress(text))


def texts():
    rows = [[words(1), words(2), dice.randint(0, 9)] for _ in range(500)]
    for name, dialect in (("excel", "excel"), ("tabs", "excel-tab"), ("unix", "unix")):
        with open(f"csv-{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, dialect).writerows(rows)
    with open("csv-bom.csv", "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    for indent in (None, 1):
        for ascii_only in (True, False):
            with open(f"json-{indent}-{ascii_only}.json", "w", encoding="utf-8") as file:
                json.dump({"rows": rows, "nested": {"a": [None, True, 1e300]}}, file, indent=indent, ensure_ascii=ascii_only)


for make in (spreadsheets, documents, pictures, archives, texts):
    make()
