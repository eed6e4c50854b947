/** What is always at hand: live or not, help with the keyboard, looks, and who one is. */
import { ActionIcon, Group, Menu, Text, useMantineColorScheme } from "@mantine/core";
import { IconKeyboard, IconLogout, IconMoon, IconRowInsertTop, IconSun, IconUserCircle } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api, carried } from "@/api/client";
import { useMe } from "@/session/me";
import { useDensity } from "@/ui/density";
import { spoken } from "@/ui/words";
import { LiveSign } from "./Connection";
import { showKeys } from "./Keyboard";

export function HeaderTools() {
  return (
    <Group gap="sm" wrap="nowrap">
      <LiveSign />
      <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={showKeys} visibleFrom="sm">
        <IconKeyboard size={20} stroke={1.6} aria-hidden />
      </ActionIcon>
      <Person />
    </Group>
  );
}

function Person() {
  const me = useMe();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = useDensity();
  const isDark = colorScheme === "dark";
  const leave = async () => {
    await api.POST("/api/v1/sign-out");
    carried.csrf = null;
    await navigate({ to: "/sign-in" });
  };
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`You are ${me.email}`}>
          <IconUserCircle size={22} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="md" fw={600} c="bright" truncate>
            {me.email}
          </Text>
          {me.roles.map((role) => spoken(role)).join(", ")}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={isDark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
          onClick={() => setColorScheme(isDark ? "light" : "dark")}
        >
          {isDark ? "Light" : "Dark"} colours
        </Menu.Item>
        <Menu.Item
          leftSection={<IconRowInsertTop size={16} aria-hidden />}
          onClick={() => setDensity(density === "compact" ? "comfortable" : "compact")}
        >
          {density === "compact" ? "More room between rows" : "Rows closer together"}
        </Menu.Item>
        {me.through === "session" && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
              Sign out
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
