import '../i18n/playbackTexts.ts';
import { render } from 'preact';
import { readSession } from '../admin/session.ts';
import { startLanguage } from '../i18n/i18n.ts';
import { App } from './App.tsx';

startLanguage();
const root = document.getElementById('playback');
if (root) render(<App />, root);
void readSession();
