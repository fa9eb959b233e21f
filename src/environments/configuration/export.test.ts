import fc from 'fast-check';
import { expect, it } from 'vitest';
import { story } from '../../../test/support/configuration.ts';
import { anyConfiguration } from '../../../test/support/configuration-arbitrary.ts';
import { configurationDigest, emptyConfiguration } from './configuration.ts';
import { exportedCode, exportYaml } from './export.ts';
import { readConfiguration } from './read.ts';

it('an exported file says what environments have in common once, and what they do not by environment', () => {
  const yaml = exportYaml(readConfiguration({ yaml: story }));
  expect(yaml).toContain(`    allow:
      int:
        AImodel: <=2.0
        MLmodel: =1.0
      prod:
        AImodel: <=1.0
    where: tags.model_name LIKE '%model'
    guards:
      minImprovement: 0.002
`);
  expect(yaml).toContain(`    perEnvironment:
      prod:
        requires:
          testedOn: int
          minTestTime: 2h
        approval: newCode
`);
  expect(configurationDigest(readConfiguration({ yaml }))).toBe(
    configurationDigest(readConfiguration({ yaml: story })),
  );
});

it('an exported file means the same', () => {
  fc.assert(
    fc.property(anyConfiguration, (configuration) => {
      const yaml = exportYaml(configuration);
      expect(readConfiguration({ yaml, code: exportedCode(configuration) })).toEqual(configuration);
      expect(exportYaml(readConfiguration({ yaml, code: exportedCode(configuration) }))).toBe(yaml);
    }),
  );
  expect(exportYaml(emptyConfiguration)).toBe('apiVersion: cellar/v1\nenvironments: {}\n');
  expect(readConfiguration({ yaml: exportYaml(emptyConfiguration) })).toEqual(emptyConfiguration);
});
