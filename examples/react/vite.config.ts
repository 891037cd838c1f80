import { defineConfig } from 'vite';
import { session } from '../vite-session.ts';

export default defineConfig({
  plugins: [session()],
  server: { host: '127.0.0.1', port: 5173 },
});
