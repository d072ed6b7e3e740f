import type { MessageReportRow as MessageReportRowShape } from '../../messaging/model.ts';
import { MAX_REPORT_ROWS } from '../../messaging/report-messages.ts';
import type { AnswerSize } from '../answer-size.ts';
import { builder } from '../builder.ts';

const ReportInterval = builder.enumType('ReportInterval', {
  description: 'What a report counts by; in UTC.',
  values: {
    HOUR: { value: 'hour', description: 'Each hour.' },
    DAY: { value: 'day', description: 'Each day.' },
    MONTH: { value: 'month', description: 'Each month.' },
  } as const,
});

const MessageReportRow = builder.objectRef<MessageReportRowShape>('MessageReportRow').implement({
  description: 'What was sent in one interval.',
  fields: (t) => ({
    since: t.expose('since', { type: 'DateTime', description: 'When the interval begins.' }),
    messages: t.exposeInt('messages', { description: 'How many messages were sent in it.' }),
    readShare: t.exposeFloat('readShare', {
      description: 'Which share of them has been read by now, from 0 to 1.',
    }),
    activeSenders: t.exposeInt('activeSenders', { description: 'How many users sent at least one of them.' }),
  }),
});

builder.queryField('messageReport', (t) =>
  t.field({
    type: [MessageReportRow],
    description:
      'For administrators: messages by interval, oldest first; intervals without any are left out.',
    args: {
      since: t.arg({ type: 'DateTime', required: true, description: 'From this time on.' }),
      until: t.arg({ type: 'DateTime', required: true, description: 'Up to but not including this time.' }),
      interval: t.arg({ type: ReportInterval, required: true, description: 'What to count by.' }),
    },
    extensions: { items: MAX_REPORT_ROWS } satisfies AnswerSize,
    resolve: (_, request, { viewer, messaging }) => messaging.report(viewer, request),
  }),
);
