// A style sheet is imported for what Vite makes of it.
declare module '*.css';
