import { find, setText } from './elements.ts';

const KEY = 'sluice.theme';

/**
 * Lets the person switch between light and dark, and remembers it. Until then the system's own setting rules.
 */
export function startTheme(): void {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const label = find(document, '#theme-label', HTMLElement);

  const isDark = () => (root.dataset.theme === 'system' ? system.matches : root.dataset.theme === 'dark');
  const show = () => setText(label, isDark() ? 'Switch to the light theme' : 'Switch to the dark theme');

  find(document, '#theme', HTMLButtonElement).addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    root.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage is full or forbidden: the choice lasts as long as the page.
    }
    show();
  });
  system.addEventListener('change', show);
  show();
}
