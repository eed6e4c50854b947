/** A thin bar that shows a share; the words beside it say the same. */
import classes from "./Bar.module.css";
import type { ToneName } from "./Tone";

export function Bar({ share, tone, label }: { share: number; tone?: ToneName; label?: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  const fill = <span className={classes.fill} data-tone={tone} style={{ width: `${percent}%` }} />;
  if (!label) {
    return (
      <span className={classes.track} aria-hidden>
        {fill}
      </span>
    );
  }
  return (
    <span
      className={classes.track}
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      {fill}
    </span>
  );
}
