/** How close rows stand together; kept in the browser. */
import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";

export type Density = "comfortable" | "compact";

const HEIGHT: Record<Density, number> = { comfortable: 40, compact: 30 };

export function useDensity() {
  return useLocalStorage<Density>({ key: "mf-density", defaultValue: "comfortable", getInitialValueInEffect: false });
}

/** Height of a row, in pixels. */
export function useRowHeight(): number {
  const [density] = useDensity();
  return HEIGHT[density];
}

/** Put the chosen density on the document, where the style sheets look for it. */
export function DensityKeeper() {
  const [density] = useDensity();
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  return null;
}
