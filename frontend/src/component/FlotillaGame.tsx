/** The game's React component: life cycle, and text around the canvas. The engine runs the game. */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Engine } from "../game/engine";
import type { Status } from "../game/status";
import { playersLabel, remedyOf, sentenceOf } from "./sentences";

interface Props {
  engine: Engine;
  /** A WebSocket URL; undefined if the page's address is invalid. */
  address: string | undefined;
}

export function FlotillaGame({ engine, address }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hasFlown, setHasFlown] = useState(false);
  const status = useSyncExternalStore(
    (changed) => engine.subscribe(changed),
    () => engine.status,
  );
  useEffect(() => {
    if (canvas.current) engine.start(canvas.current, address);
    return () => engine.dispose();
  }, [engine, address]);

  return (
    <div className="game">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label="The arena. Your ship turns to the pointer and thrusts while you hold it down."
        onPointerDown={() => setHasFlown(true)}
      />
      <Gauges status={status} />
      <Message status={status} onRemedy={() => engine.retry()} />
      {status.state === "live" && !hasFlown && <p className="hint">Point to turn, hold to thrust</p>}
    </div>
  );
}

const STATE_LABELS: Record<Status["state"], string> = {
  connecting: "Connecting",
  live: "Live",
  paused: "Paused",
  lost: "Offline",
  refused: "Offline",
};

function Gauges({ status }: { status: Status }) {
  const current = status.state === "live" || status.state === "paused"; // otherwise the numbers are outdated
  return (
    <dl className="gauges">
      <Gauge name="Connection" className={`state ${status.state}`} value={STATE_LABELS[status.state]} />
      {current && <Gauge name="Players" value={playersLabel(status.players)} />}
      {current && status.pingMs !== null && <Gauge name="Ping" value={`${status.pingMs} ms`} />}
    </dl>
  );
}

function Gauge({ name, value, className }: { name: string; value: string; className?: string }) {
  return (
    <div className={className}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The live region always exists, because screen readers miss the first sentence of a new one. */
function Message({ status, onRemedy }: { status: Status; onRemedy: () => void }) {
  const sentence = sentenceOf(status);
  const remedy = remedyOf(status);
  return (
    <div className={sentence ? "message shown" : "message"}>
      <p role="status" aria-live="polite">
        {sentence}
      </p>
      {remedy && (
        <button type="button" onClick={onRemedy}>
          {remedy}
        </button>
      )}
    </div>
  );
}
