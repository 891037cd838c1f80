import { build } from 'vite';

await build({ logLevel: 'warn', build: { outDir: 'out/vite', emptyOutDir: true } });
