/** The list as a file for another tool, with the filters that are in use. */
import { Button, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { ChosenIn } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { saveAs } from "@/ui/saving";
import { EXPORTS, type ExportFormat, fileNameOf } from "./exports";

export function ExportMenu({ filter }: { filter: ChosenIn }) {
  const [isBusy, setBusy] = useState(false);
  const take = async (format: ExportFormat) => {
    setBusy(true);
    try {
      await download(format, filter);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      notifications.show({ color: "red", title: error.problem.title, message: error.message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end" width={340}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={isBusy}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {EXPORTS.map((format) => (
          <Menu.Item key={format.name} onClick={() => void take(format)}>
            <Text size="md">{format.title}</Text>
            <Text size="xs" c="dimmed">
              {format.about}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

async function download(format: ExportFormat, filter: ChosenIn): Promise<void> {
  const query = { ...filter, format: format.name, ...(format.name === "xlsx" ? { lineage: true } : {}) };
  const { data, response } = await api.GET("/api/v1/assets/export", { params: { query }, parseAs: "blob" });
  const leftOut = Number(response.headers.get("Masterflow-Left-Out") ?? 0);
  const name = fileNameOf(response.headers.get("Content-Disposition")) ?? format.name;
  saveAs(new Blob([data as BlobPart]), name);
  notifications.show({
    title: `${name} is downloaded`,
    message:
      leftOut > 0 ? `${counted(leftOut, "thing")} could not be carried by this format.` : "Nothing was left out.",
  });
}
