/** Loaded where somebody may talk, when the first camera is opened in full screen. */

export { TalkView } from './TalkView.tsx';
export { TalkControl } from './talkControl.ts';
