/** The mark of the app: a screen and a key ring, one in front of the other. The same drawing as `icon.svg`. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect className="mark-ground" width="32" height="32" rx="7.5" />
      <rect className="mark-line" x="6.25" y="7.5" width="16.5" height="12" rx="2.25" />
      <path className="mark-line" d="M9.5 24h3" />
      <circle className="mark-ground" cx="20.75" cy="19.25" r="7.5" />
      <circle className="mark-line" cx="20.75" cy="19.25" r="4.75" />
      <circle className="mark-dot" cx="20.75" cy="19.25" r="1.5" />
    </svg>
  );
}
