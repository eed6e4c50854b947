/** Phases whose gates show their evidence in a view of their own; every other gate shows its table. */
import type { ComponentType } from "react";
import type { GateOut } from "@/api/schema";
import { Board } from "./Board";
import type { Found } from "./edits";
import { MappingView } from "./mapping/MappingView";
import { UnreadFiles } from "./mapping/UnreadFiles";
import type { Draft } from "./useDraft";

export interface EvidenceProps {
  gate: GateOut;
  draft: Draft;
  problems: Found;
  mayEdit: boolean;
}

export interface GateView {
  /** In place of the table. */
  evidence?: ComponentType<EvidenceProps>;
  /** Before the table. */
  lead?: ComponentType<EvidenceProps>;
}

const VIEWS: Readonly<Record<string, GateView>> = {
  field_mapping: { lead: UnreadFiles, evidence: MappingView },
  wave_planning: { lead: Board },
  recommendation_generation: { lead: Board },
};

export function viewOf(phase: string): GateView {
  return VIEWS[phase] ?? {};
}
