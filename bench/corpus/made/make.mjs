// Writes files into the current folder, as programs in JavaScript write them. Argument: where its packages
// are.

import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2] ?? '.', 'here.js'));
const XLSX = require('xlsx');
const ExcelJS = require('exceljs');
const { Document, Packer, Paragraph } = require('docx');
const PptxGenJS = require('pptxgenjs');
const { PDFDocument } = require('pdf-lib');
const PDFKit = require('pdfkit');
const JSZip = require('jszip');
const { gzipSync, zipSync } = require('fflate');
const officegen = require('officegen');

const rows = (count) =>
  Array.from({ length: count }, (_, index) => [index, `word ${(index * 7919) % 997}`, index / 7]);

// A hundred small ones by SheetJS, between a few cells and some hundred.
for (let number = 0; number < 100; number += 1) {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows(5 + 4 * number)), 'One');
  for (let extra = 0; extra < number % 4; extra += 1) {
    XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows(3)), `Extra ${extra}`);
  }
  const name = `sheetjs-${String(number).padStart(3, '0')}`;
  XLSX.writeFile(book, `${name}.xlsx`, { compression: number % 2 === 0 });
  if (number % 10 === 0) for (const type of ['ods', 'csv', 'xls']) XLSX.writeFile(book, `${name}.${type}`);
}

for (let number = 0; number < 20; number += 1) {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('One').addRows(rows(10 + 20 * number));
  await book.xlsx.writeFile(`exceljs-${number}.xlsx`);

  const children = rows(1 + 10 * number).map(([, text]) => new Paragraph(text));
  writeFileSync(`docx-${number}.docx`, await Packer.toBuffer(new Document({ sections: [{ children }] })));

  const slides = new PptxGenJS();
  for (let slide = 0; slide <= number; slide += 1) slides.addSlide().addText('Sluice', { x: 1, y: 1 });
  await slides.writeFile({ fileName: `pptxgenjs-${number}.pptx` });
}

for (const type of ['docx', 'xlsx', 'pptx']) {
  const office = officegen(type);
  if (type === 'docx') office.createP().addText('Sluice');
  if (type === 'pptx') office.makeNewSlide().addText('Sluice');
  if (type === 'xlsx') office.makeNewSheet().data = rows(20);
  const file = createWriteStream(`officegen.${type}`);
  office.generate(file);
  await once(file, 'close');
}

for (const useObjectStreams of [true, false]) {
  const paper = await PDFDocument.create();
  paper.addPage().drawText('pdf-lib');
  writeFileSync(`pdf-lib-${useObjectStreams}.pdf`, await paper.save({ useObjectStreams }));
}
for (const pdfVersion of ['1.3', '1.4', '1.7', '1.7ext3']) {
  const paper = new PDFKit({ pdfVersion });
  const file = createWriteStream(`pdfkit-${pdfVersion}.pdf`);
  paper.pipe(file);
  paper.text('pdfkit').end();
  await once(file, 'close');
}

const text = Buffer.from('sluice '.repeat(2_000));
for (const streamFiles of [true, false]) {
  for (const compression of ['STORE', 'DEFLATE']) {
    const archive = new JSZip();
    for (let number = 0; number < 20; number += 1) archive.file(`folder/${number}.txt`, text);
    const type = 'nodebuffer';
    writeFileSync(
      `jszip-${streamFiles}-${compression}.zip`,
      await archive.generateAsync({ type, streamFiles, compression }),
    );
  }
}
writeFileSync('fflate.zip', zipSync({ 'a.txt': text, b: { 'c.txt': [text, { level: 0 }] } }));
writeFileSync('fflate.gz', gzipSync(text));
