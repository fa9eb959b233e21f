/** Every address inside the page is built here. */
export const paths = {
  home: () => '/',
  experiments: () => '/experiments',
  experiment: (id: string) => `/experiments/${encodeURIComponent(id)}`,
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
};
