/** What ffmpeg writes of a test picture with a tone: the file's name, then the options that make it. */
export const FILMS: readonly (readonly [string, ...string[]])[] = [
  ['h264.mp4', '-c:v', 'libx264', '-c:a', 'aac'],
  ['faststart.mp4', '-c:v', 'libx264', '-c:a', 'aac', '-movflags', '+faststart'],
  ['fragmented.mp4', '-c:v', 'libx264', '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'],
  ['dash.mp4', '-c:v', 'libx264', '-c:a', 'aac', '-movflags', '+dash+delay_moov'],
  ['hevc.mp4', '-c:v', 'libx265', '-tag:v', 'hvc1', '-c:a', 'aac', '-x265-params', 'log-level=error'],
  ['av1.mp4', '-c:v', 'libaom-av1', '-cpu-used', '8', '-c:a', 'aac'],
  ['mpeg4.mp4', '-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
  ['ipod.m4v', '-c:v', 'libx264', '-c:a', 'aac', '-f', 'ipod'],
  ['subtitled.mov', '-c:v', 'libx264', '-c:a', 'aac'],
  ['prores.mov', '-c:v', 'prores', '-c:a', 'pcm_s16le'],
  ['mjpeg.mov', '-c:v', 'mjpeg', '-c:a', 'pcm_s16be'],
  ['phone.3gp', '-c:v', 'mpeg4', '-c:a', 'aac'],
  ['vp8.webm', '-c:v', 'libvpx', '-c:a', 'libvorbis'],
  ['vp9.webm', '-c:v', 'libvpx-vp9', '-c:a', 'libopus'],
  ['live.webm', '-c:v', 'libvpx', '-c:a', 'libopus', '-live', '1'],
  ['h264.mkv', '-c:v', 'libx264', '-c:a', 'aac'],
  ['flac.mkv', '-c:v', 'ffv1', '-c:a', 'flac'],
  ['theora.ogv', '-c:v', 'libtheora', '-c:a', 'libvorbis'],
  ['mpeg4.avi', '-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
];

/** What ffmpeg writes of a tone. */
export const SOUNDS: readonly (readonly [string, ...string[]])[] = [
  ['cbr.mp3', '-b:a', '128k'],
  ['vbr.mp3', '-q:a', '4'],
  ['low.mp3', '-ar', '8000', '-b:a', '8k'],
  ['bare.mp3', '-id3v2_version', '0', '-write_xing', '0'],
  ['id3v23.mp3', '-id3v2_version', '3', '-metadata', 'title=Grüße'],
  ['id3v1.mp3', '-write_id3v1', '1', '-id3v2_version', '0', '-metadata', 'title=x'],
  ['mpeg1.mp2', '-c:a', 'mp2'],
  ['aac.m4a', '-c:a', 'aac'],
  ['alac.m4a', '-c:a', 'alac'],
  ['book.m4b', '-c:a', 'aac', '-f', 'ipod'],
  ['adts.aac', '-c:a', 'aac'],
  ['s16.wav'],
  ['s24.wav', '-c:a', 'pcm_s24le'],
  ['f32.wav', '-c:a', 'pcm_f32le'],
  ['adpcm.wav', '-c:a', 'adpcm_ms'],
  ['mulaw.wav', '-c:a', 'pcm_mulaw'],
  ['broadcast.wav', '-write_bext', '1', '-metadata', 'description=x'],
  ['rf64.wav', '-rf64', 'always'],
  ['piped.wav', '-fflags', '+bitexact'],
  ['sound.flac'],
  ['tagged.flac', '-metadata', 'title=x', '-compression_level', '12'],
  ['vorbis.ogg', '-c:a', 'libvorbis'],
  ['opus.opus', '-c:a', 'libopus'],
  ['flac.ogg', '-c:a', 'flac'],
  ['speex.ogg', '-c:a', 'libspeex', '-ar', '16000'],
  ['opus.weba', '-c:a', 'libopus', '-f', 'webm'],
];

/** A text to pack. */
export const TEXT = 'The sluice opens when the water is known.\n'.repeat(200);

/** What packers make of inner.txt, by command. */
export const COMMANDS: readonly (readonly [needs: string, commands: readonly string[]])[] = [
  [
    'tar',
    ['v7', 'oldgnu', 'gnu', 'ustar', 'pax'].flatMap((format) => [
      `tar --format=${format} -cf ${format}.tar inner.txt`,
      `tar --format=${format} -czf ${format}.tgz inner.txt`,
    ]),
  ],
  [
    'gzip',
    ['gzip -kc inner.txt > plain.gz', 'gzip -nc < inner.txt > piped.gz', 'gzip -1c inner.txt > fast.gz'],
  ],
  [
    'bzip2',
    ['bzip2 -kc inner.txt > best.bz2', 'bzip2 -1c inner.txt > fast.bz2', 'bzip2 -c /dev/null > empty.bz2'],
  ],
  [
    'xz',
    [
      'xz -kc inner.txt > plain.xz',
      'xz -c --check=sha256 inner.txt > sha256.xz',
      'xz -T2 -kc inner.txt > two.xz',
    ],
  ],
  [
    'zstd',
    [
      'zstd -qkc inner.txt > plain.zst',
      'zstd -qc < inner.txt > piped.zst',
      'zstd -qc --ultra -22 inner.txt > ultra.zst',
      'zstd -qc --long=27 inner.txt > long.zst',
      'zstd -qc --no-check inner.txt > unchecked.zst',
    ],
  ],
  [
    '7z',
    [
      '7z a -bd -y plain.7z inner.txt',
      '7z a -bd -y -m0=BZip2 bzip2.7z inner.txt',
      '7z a -bd -y -psecret -mhe=on locked.7z inner.txt',
      '7z a -bd -y -tzip seven.zip inner.txt',
      '7z a -bd -y -tzip -psecret -mem=AES256 locked.zip inner.txt',
      '7z a -bd -y -tgzip seven.gz inner.txt',
      '7z a -bd -y -tbzip2 seven.bz2 inner.txt',
      '7z a -bd -y -txz seven.xz inner.txt',
      '7z a -bd -y -ttar seven.tar inner.txt',
    ],
  ],
  [
    'zip',
    ['zip -q plain.zip inner.txt', 'zip -q - inner.txt > piped.zip', 'zip -q -P secret locked.zip inner.txt'],
  ],
];

/** One page with a line and a word. */
export const POSTSCRIPT = `%!PS
/Helvetica findfont 24 scalefont setfont
72 700 moveto (Sluice) show
newpath 72 690 moveto 400 690 lineto stroke
showpage
`;
