/** The audit log in the user’s words. What is not known here, of a newer daemon, stands as the daemon says it. */
import { type TextKey, texts } from '../../i18n/i18n.ts';

const DONE: Record<string, TextKey<'people'>> = {
  'alarm-rules.change': 'didAlarmRulesChange',
  'alarm.raise': 'didAlarmRaise',
  'alarm.acknowledge': 'didAlarmAcknowledge',
  'benchmark.start': 'didBenchmarkStart',
  'camera.add': 'didCameraAdd',
  'camera.change': 'didCameraChange',
  'camera.fix': 'didCameraFix',
  'camera.reboot': 'didCameraReboot',
  'camera.remove': 'didCameraRemove',
  'certificate.replace': 'didCertificateReplace',
  'certificate.reset': 'didCertificateReset',
  'config.import': 'didConfigImport',
  'credential.remove': 'didCredentialRemove',
  'discovery.login': 'didDiscoveryLogin',
  'layout.add': 'didLayoutAdd',
  'layout.change': 'didLayoutChange',
  'layout.remove': 'didLayoutRemove',
  'login.ok': 'didLoginOk',
  'login.failed': 'didLoginFailed',
  'pairing.code': 'didPairingCode',
  'pairing.failed': 'didPairingFailed',
  'session.end': 'didSessionEnd',
  'settings.change': 'didSettingsChange',
  'stream.add': 'didStreamAdd',
  'stream.remove': 'didStreamRemove',
  'stream.start': 'didStreamStart',
  'stream.stop': 'didStreamStop',
  'system.backup': 'didSystemBackup',
  'system.reboot': 'didSystemReboot',
  'system.restart': 'didSystemRestart',
  'system.restore': 'didSystemRestore',
  'system.self_test': 'didSystemSelfTest',
  'system.update': 'didSystemUpdate',
  'system.update_check': 'didSystemUpdateCheck',
  'system.update_notice': 'didSystemUpdateNotice',
  'token.add': 'didTokenAdd',
  'token.remove': 'didTokenRemove',
  'user.add': 'didUserAdd',
  'user.change': 'didUserChange',
  'user.password': 'didUserPassword',
  'user.remove': 'didUserRemove',
  'wall.change': 'didWallChange',
};

const WHO: Record<string, TextKey<'people'>> = {
  open: 'whoOpen',
  screen: 'whoScreen',
  system: 'whoSystem',
  none: 'whoNobody',
};

const TOKEN = 'token:';

export function doneText(action: string): string | undefined {
  const t = texts('people');
  if (action.startsWith('ptz.')) return t('didPtz');
  const key = Object.hasOwn(DONE, action) ? DONE[action] : undefined;
  return key && t(key);
}

export function whoText(who: string): string {
  const t = texts('people');
  if (who.startsWith(TOKEN)) return t('whoToken', { name: who.slice(TOKEN.length) });
  const key = Object.hasOwn(WHO, who) ? WHO[who] : undefined;
  return key ? t(key) : who;
}
