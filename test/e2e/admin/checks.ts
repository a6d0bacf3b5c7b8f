/** What every page has to pass: nothing is cut off or juts out, and nothing keeps people with impairments out. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Violation {
  id: string;
  impact: string;
  help: string;
  /** Selectors of the elements concerned, with what axe says about each. */
  nodes: string[];
}

/**
 * Serious and critical faults that axe-core finds on the page as it is. The source goes in by the debugger: the pages’
 * content security policy rightly refuses script tags.
 */
export async function axeViolations(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate<boolean>(`typeof globalThis.axe === 'object'`)))
    await page.evaluate(`${AXE}; undefined`);
  return page.evaluate<Violation[]>(`
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, impact, help, nodes }) => ({
          id,
          impact,
          help,
          nodes: nodes.map((node) => node.target.join(' ') + ': ' + node.failureSummary),
        })))
  `);
}

/**
 * Elements whose content is wider than they are, as `selector: 320 in 300`. Not counted: what scrolls sideways on purpose,
 * what ends in an ellipsis (names that people gave), fields (addresses are longer than a phone is wide), and what only
 * screen readers get.
 */
export function overflows(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    (() => {
      const faults = [];
      const root = document.documentElement;
      if (root.scrollWidth > innerWidth + 1) faults.push('page: ' + root.scrollWidth + ' in ' + innerWidth);
      for (const element of document.body.querySelectorAll('*')) {
        if (!(element instanceof HTMLElement) || element.closest('.visually-hidden, select, input, textarea, dialog:not([open])')) continue;
        // Inline boxes have no width of their own.
        if (element.clientWidth === 0 || element.scrollWidth <= element.clientWidth + 1) continue;
        const style = getComputedStyle(element);
        if (/auto|scroll/.test(style.overflowX) || style.textOverflow === 'ellipsis') continue;
        if (style.visibility === 'hidden' || style.clipPath === 'inset(50%)') continue;
        const name = element.tagName.toLowerCase() + (element.className ? '.' + element.className.split(' ').join('.') : '');
        faults.push(name + ' “' + element.textContent.trim().slice(0, 40) + '”: ' + element.scrollWidth + ' in ' + element.clientWidth);
      }
      return faults;
    })()
  `);
}
