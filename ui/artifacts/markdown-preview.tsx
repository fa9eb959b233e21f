import Markdown from 'react-markdown';
import gfm from 'remark-gfm';
import css from './markdown-preview.module.css';

/** Markdown as it is meant; HTML in it stays text, and pictures become links. Loaded with the first one. */
export default function MarkdownPreview({ text }: { readonly text: string }) {
  return (
    <div className={css['markdown']}>
      <Markdown
        remarkPlugins={[gfm]}
        components={{
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer">
              {children}
            </a>
          ),
          // This page asks nothing of other servers.
          img: ({ src, alt }) => (
            <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noreferrer">
              {alt === undefined || alt === '' ? src : alt}
            </a>
          ),
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
