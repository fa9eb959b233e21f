import type { ReactNode } from 'react';

interface IconProps {
  readonly children: ReactNode;
}

/** A 16 px line drawing in the colour of its text. Decoration only: the words beside it say what it means. */
function Icon({ children }: IconProps) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="7.5" height="8" rx="1.5" />
    <path d="M10.5 3.5v-.3a1 1 0 0 0-1-1H4.2a1.2 1.2 0 0 0-1.2 1.2v6.1a1 1 0 0 0 1 1" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m3.5 8.5 3 3 6-7" />
  </Icon>
);
export const CrossIcon = () => (
  <Icon>
    <path d="m4.5 4.5 7 7m0-7-7 7" />
  </Icon>
);
export const StopIcon = () => (
  <Icon>
    <rect x="4.5" y="4.5" width="7" height="7" rx="1" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 5v3.2l2 1.3" />
  </Icon>
);
export const RunningIcon = () => (
  <Icon>
    <path d="M13.5 8A5.5 5.5 0 1 1 8 2.5" />
  </Icon>
);
export const FolderIcon = () => (
  <Icon>
    <path d="M2 12V4.2a1 1 0 0 1 1-1h3.2l1.6 1.8H13a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z" />
  </Icon>
);
export const FileIcon = () => (
  <Icon>
    <path d="M9 2H4.8a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h6.4a1 1 0 0 0 1-1V5.2z" />
    <path d="M9 2v3.2h3.2" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7.6m0 0 3-3m-3 3-3-3M3 13.5h10" />
  </Icon>
);
export const UpIcon = () => (
  <Icon>
    <path d="M8 12.5v-9m0 0L4.5 7M8 3.5 11.5 7" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M8 3.5v9m0 0L4.5 9M8 12.5 11.5 9" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z" />
  </Icon>
);
export const SystemIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor" />
  </Icon>
);
export const ChevronIcon = () => (
  <Icon>
    <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.5" />
    <path d="m10.5 10.5 3.5 3.5" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M6 4v8M10 4v8" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="M5.5 3.8v8.4L12 8z" />
  </Icon>
);
export const ModelIcon = () => (
  <Icon>
    <path d="m8 2 5.2 3v6L8 14l-5.2-3V5z" />
    <path d="M2.8 5 8 8l5.2-3M8 8v6" />
  </Icon>
);
export const FlaskIcon = () => (
  <Icon>
    <path d="M6 2h4M7 2v4.2L3.2 12a1.3 1.3 0 0 0 1.1 2h7.4a1.3 1.3 0 0 0 1.1-2L9 6.2V2" />
  </Icon>
);
export const CrownIcon = () => (
  <Icon>
    <path d="M2.5 12V5l3.2 2.6L8 3.5l2.3 4.1L13.5 5v7z" />
  </Icon>
);
export const EditIcon = () => (
  <Icon>
    <path d="m10.7 2.8 2.5 2.5-7.4 7.4-3 .5.5-3z" />
  </Icon>
);
export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);
export const RightIcon = () => (
  <Icon>
    <path d="m6.5 4.5 3.5 3.5-3.5 3.5" />
  </Icon>
);
