import './notice.css';
import { moment } from '../i18n/format.ts';
import { say } from '../i18n/wallTexts.ts';
import { type BoxNews, isDismissible, sentenceOf } from './boxNews.ts';
import { Icon } from './Icon.tsx';
import type { Notice } from './notice.ts';
import { ReportView } from './ReportView.tsx';

const MOST_PROBLEMS = 2;
/** CSS pixels. A phone is full after one. */
const PHONE_WIDTH = 600;

/** In the lower corner, over the pictures: what the box says of itself. */
export function NoticeView({ news }: { news: BoxNews }) {
  const notice = news.band.value;
  if (!notice) return null;
  const troubled =
    notice.kind === 'rolledBack' || (notice.kind === 'provisioned' && notice.report.problems.length > 0);
  return (
    <div class={troubled ? 'news troubled' : 'news'} role="status" data-kind={notice.kind}>
      <Icon kind={troubled ? 'frozen' : 'notPainted'} />
      <div class="news-text">
        <Text notice={notice} />
        {isDismissible(notice) && (
          <button
            type="button"
            // Not the tile's below.
            onPointerDown={(event) => event.stopPropagation()}
            onPointerUp={(event) => event.stopPropagation()}
            onClick={() => news.dismiss()}
          >
            {say('noticeRead')}
          </button>
        )}
      </div>
    </div>
  );
}

function Text({ notice }: { notice: Notice }) {
  switch (notice.kind) {
    case 'installing':
      return (
        <>
          <p class="news-title">{sentenceOf(notice)}</p>
          <p>{say('updateLeaveOn')}</p>
          {notice.percent !== undefined && <progress max={100} value={notice.percent} />}
        </>
      );
    case 'restarting':
      return (
        <>
          <p class="news-title">{sentenceOf(notice)}</p>
          <p>{say('updateLeaveOn')}</p>
        </>
      );
    case 'confirming':
      return (
        <>
          <p class="news-title">{sentenceOf(notice)}</p>
          <p>{say('updateTrial')}</p>
          {notice.waits !== '' && <p class="news-detail">{notice.waits}</p>}
        </>
      );
    case 'rolledBack':
      return (
        <>
          <p class="news-title">{sentenceOf(notice)}</p>
          <p>{say('updateWhy', { time: moment(notice.at) })}</p>
          <p class="news-detail">{notice.reason}</p>
        </>
      );
    case 'provisioned':
      return (
        <ReportView
          report={notice.report}
          problems={innerWidth < PHONE_WIDTH ? 1 : MOST_PROBLEMS}
          changes={0}
        />
      );
  }
}
