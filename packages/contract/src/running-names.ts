/**
 * Extensions of files that run when they are opened, or that are opened by what runs them: on a reader's
 * machine, on a server that the file is put on, or in a browser. The list need not be complete, since nothing
 * is served under an extension that is not of its type: it is there so that such a name is refused before a
 * byte is sent.
 */
const RUNNING: ReadonlySet<string> = new Set(
  [
    // Windows: programs, what installs them, and what the system loads
    'exe com scr pif cpl dll ocx sys drv msi msp mst msu msix msixbundle appx appxbundle appinstaller application',
    'gadget ppkg diagcab diagcfg diagpkg wsb',
    // Windows: scripts
    'bat cmd ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 pssc cdxml msh msh1 msh2 mshxml vb vbe vbs vbscript js jse mjs cjs',
    'ws wsc wsf wsh sct shb shs hta htc chm hlp inf ins isp reg msc job bas crt csh vsmacros vsw',
    // Windows: what points elsewhere, or takes settings from elsewhere
    'lnk url website scf rdp library-ms search-ms searchconnector-ms settingcontent-ms appref-ms theme themepack',
    'deskthemepack webpnp xnk ica mcf grp',
    // disks that a click mounts, whose files have lost the mark of the internet
    'iso img vhd vhdx vmdk dmg toast',
    // Office: macros, add-ins, databases with code, queries of other hosts
    'docm dotm xlsm xltm xlsb xlam xla xll xlm pptm potm ppam ppa ppsm sldm wll ade adp accda accde accdr mad maf mag mam',
    'maq mar mas mat mau mav maw mda mde mdt mdw mdz ops slk iqy oqy dqy rqy one onepkg vsto',
    // Java, Flash and other runtimes
    'jar jnlp class war ear air swf xap xbap appref py pyc pyo pyw pyz pyzw pl pm rb lua tcl groovy ipa apk apks xapk aab',
    // macOS
    'app command tool workflow action scpt scptd applescript osax terminal fileloc inetloc webloc mobileconfig',
    'provisionprofile pkg mpkg kext prefpane saver',
    // Linux and other Unix
    'sh bash zsh ksh fish run elf so dylib o ko desktop service deb rpm snap flatpak flatpakref appimage',
    // servers
    'php php3 php4 php5 php7 php8 phps pht phtml phar inc asp aspx asa asax ashx asmx ascx cer cfm cfc cgi fcgi jsp jspx jspf',
    'jsw jhtml shtml shtm stm htaccess htpasswd htgroup',
    // browsers: pages and what is one in other clothes
    'mht mhtml maff svgz xsl xslt crx xpi nex hxt htt',
  ].flatMap((line) => line.split(' ')),
);

/** Names that a system gives a meaning of their own, whatever they hold. */
const RESERVED: ReadonlySet<string> = new Set([
  'desktop.ini',
  'autorun.inf',
  'folder.htt',
  'thumbs.db',
  'web.config',
]);

// Windows takes these for devices, with any extension and blanks before it.
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$|clock\$)$/;

// Explorer hands a file of such an extension to the class of that id.
const CLASS_ID = /^\{[\da-f-]{36}\}$/;

/** True for an extension, in lower case, of what runs on some system. */
export function isRunning(extension: string): boolean {
  const plain = extension.normalize('NFKC').trim();
  return RUNNING.has(plain) || CLASS_ID.test(plain);
}

/** True for a name that stands for something else than a file on some system, or has a meaning there. */
export function isReserved(filename: string): boolean {
  // Compatibility forms too (`ＣＯＮ`, `com¹`), which some systems fold to plain letters.
  const plain = filename.normalize('NFKC').toLowerCase();
  return RESERVED.has(plain) || DEVICE.test(plain.split('.', 1)[0]?.trim() ?? '');
}
