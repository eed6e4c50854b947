/** What the estate knows of an application. */
import { Text } from "@mantine/core";
import type { ApplicationOut } from "@/api/schema";
import { Section } from "@/ui/Page";
import { spoken } from "@/ui/words";
import classes from "./assessments.module.css";

export function ApplicationFacts({ application }: { application: ApplicationOut }) {
  const known: [string, string][] = [
    ["Business owner", application.business_owner ?? "Not known"],
    ["Criticality", application.criticality ? spoken(application.criticality) : "Not known"],
    ["Environment", application.environment ? spoken(application.environment) : "Not known"],
    ["Shared service", application.shared_service ? "Yes" : "No"],
    ["Servers belong to it as", spoken(application.membership).toLowerCase()],
  ];
  const names = new Set(known.map(([name]) => name));
  const more = Object.entries(application.attributes)
    .map(([name, value]): [string, string] => [spoken(name), value])
    .filter(([name]) => !names.has(name));
  const facts = [...known, ...more];
  return (
    <Section title="Facts">
      <table className={classes.figures}>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {application.evidence.length > 0 && (
        <details>
          <Text component="summary" size="md" mt="sm">
            Where this is from ({application.evidence.length})
          </Text>
          <ul className={classes.list}>
            {application.evidence.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
