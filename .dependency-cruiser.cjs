/**
 * The arrows between rooms (ARCHITECTURE.md). Nobody points back:
 * environments → evaluation → registry → tracking → artifacts, evaluation → jobs, serving → artifacts; every room → search, storage, http, errors; only main.ts knows them all.
 */
const rooms = ['tracking', 'artifacts', 'registry', 'jobs', 'evaluation', 'serving', 'environments'];
const ground = ['search', 'storage', 'http'];
const room = (name) => `^src/${name}/`;
/** A cellar.yaml is read without a server too. */
const configurationFace = '^src/environments/configuration/service\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.(test|d)\\.ts$',
          'sqlite-(reader|checkpointer)\\.js$',
          'vite\\.config\\.ts$',
          'index\\.ts$',
          '^ui/public/',
          'main\\.tsx?$',
        ],
      },
      to: {},
    },
    {
      name: 'rooms-use-each-other-through-their-service',
      comment: 'A room is entered by its service (or its lookups); what is behind it may change freely.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: ['\\.test\\.ts$', '^src/client/'] },
      to: {
        path: `^src/(${rooms.join('|')})/`,
        pathNot: ['^src/$1/', '^src/[^/]+/(service|routes)\\.ts$', configurationFace],
      },
    },
    {
      name: 'artifacts-know-no-other-room',
      severity: 'error',
      from: { path: room('artifacts'), pathNot: '\\.test\\.ts$' },
      to: { path: ['tracking', 'registry', 'evaluation'].map(room) },
    },
    {
      name: 'tracking-knows-no-registry',
      severity: 'error',
      from: { path: room('tracking'), pathNot: '\\.test\\.ts$' },
      to: { path: ['registry', 'evaluation'].map(room) },
    },
    {
      name: 'registry-knows-no-evaluation',
      severity: 'error',
      from: { path: room('registry'), pathNot: '\\.test\\.ts$' },
      to: { path: room('evaluation') },
    },
    {
      name: 'jobs-know-no-other-room',
      severity: 'error',
      from: { path: room('jobs'), pathNot: '\\.test\\.ts$' },
      to: { path: ['tracking', 'artifacts', 'registry', 'evaluation'].map(room) },
    },
    {
      name: 'nobody-below-knows-environments',
      severity: 'error',
      from: { path: rooms.filter((name) => name !== 'environments').map(room), pathNot: '\\.test\\.ts$' },
      to: { path: room('environments') },
    },
    {
      name: 'duckdb-stays-with-the-holdouts',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/evaluation/holdouts/', '\\.test\\.ts$'] },
      to: { path: ['node_modules/@duckdb/'] },
    },
    {
      name: 'the-ground-knows-no-rooms',
      severity: 'error',
      from: { path: `^src/(${ground.join('|')})/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^src/(${[...rooms, 'cli', 'client'].join('|')})/` },
    },
    {
      name: 'http-knows-no-database',
      severity: 'error',
      from: { path: room('http'), pathNot: '\\.test\\.ts$' },
      to: { path: ['^src/(storage|search)/'] },
    },
    {
      name: 'sqlite-and-postgres-stay-in-storage',
      severity: 'error',
      from: { pathNot: ['^src/storage/', '\\.test\\.ts$', '^test/', '^bench/'] },
      to: { path: ['node_modules/(better-sqlite3|pg)/'] },
    },
    {
      name: 'the-client-stands-alone',
      severity: 'error',
      from: { path: room('client'), pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: room('client'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-client-knows-replies-by-their-wire',
      comment: "It shares the types of a room's replies, and nothing else of it.",
      severity: 'error',
      from: { path: room('client'), pathNot: '\\.test\\.ts$' },
      to: { path: '^src/[^/]+/', pathNot: [room('client'), '/wire\\.ts$'] },
    },
    {
      name: 'pages-and-commands-speak-through-the-client',
      severity: 'error',
      from: { path: '^(ui|src/cli)/', pathNot: '^src/cli/(server|main)\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/(client|cli)/', '^src/version\\.ts$', configurationFace] },
    },
    {
      name: 'only-main-knows-everything',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/main\\.ts$', '^src/cli/server\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^src/main\\.ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
