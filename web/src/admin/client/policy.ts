/** Whether people may approve what they started, as words and as the API takes it. */

export const POLICIES = [
  { value: "no", label: "Never", about: "A second person has to approve what somebody started." },
  {
    value: "alone",
    label: "While they are alone",
    about: "People may approve what they started as long as nobody else could.",
  },
  { value: "yes", label: "Always", about: "People may approve what they started." },
] as const;

export function fromPolicy(allowed: boolean | null | undefined): string {
  return allowed === true ? "yes" : allowed === false ? "no" : "alone";
}

export function toPolicy(value: string): boolean | null {
  return value === "yes" ? true : value === "no" ? false : null;
}

export function policySaid(allowed: boolean | null | undefined): string {
  return POLICIES.find(({ value }) => value === fromPolicy(allowed))?.label ?? "";
}
