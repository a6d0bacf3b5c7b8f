import '../i18n/adminTexts.ts';
import { render } from 'preact';
import { startLanguage } from '../i18n/i18n.ts';
import { App } from './App.tsx';
import { readSession } from './session.ts';

startLanguage();
const root = document.getElementById('admin');
if (root) render(<App />, root);
void readSession();
