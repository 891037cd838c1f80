// What Vite makes of an imported style sheet.
/// <reference types="vite/client" />
