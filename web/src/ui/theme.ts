import {
  Alert,
  createTheme,
  type MantineColorsTuple,
  type MantineThemeOverride,
  Menu,
  Notification,
} from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef3ff",
  "#dbe5fa",
  "#b8caf3",
  "#8db1f5",
  "#6f97e6",
  "#4f7bd6",
  "#3d6ac8",
  "#2f5bb7",
  "#274c9c",
  "#1f3f83",
];
const gray: MantineColorsTuple = [
  "#f6f7f9",
  "#eef1f4",
  "#e4e8ed",
  "#dde2e8",
  "#c6ced7",
  "#8a95a1",
  "#566270",
  "#3f4a56",
  "#2a333d",
  "#17202a",
];
const red: MantineColorsTuple = [
  "#fde7df",
  "#fbd3c5",
  "#f6ad95",
  "#f08565",
  "#d8613d",
  "#c4481f",
  "#b83a13",
  "#a32e0c",
  "#8b260a",
  "#721e07",
];
const dark: MantineColorsTuple = [
  "#e3e9f0",
  "#c3ccd7",
  "#9dabba",
  "#6b7a8b",
  "#2b3542",
  "#242d38",
  "#1d2530",
  "#171d25",
  "#0f141a",
  "#0a0e12",
];

/** Type runs 12, 13, 14, 16, 18 px for text and 14, 16, 20, 26 px for headings; space 4, 8, 12, 16, 24 px. */
export const theme: MantineThemeOverride = createTheme({
  colors: { accent, gray, red, dark },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "var(--mf-mono)",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  spacing: { xs: "0.25rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
  headings: {
    fontWeight: "640",
    sizes: {
      h1: { fontSize: "1.625rem", lineHeight: "1.25" },
      h2: { fontSize: "1.25rem", lineHeight: "1.3" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
      h4: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  radius: { sm: "4px", md: "8px", lg: "12px" },
  cursorType: "pointer",
  focusRing: "never",
  components: {
    Modal: { defaultProps: { padding: "lg" }, styles: { title: { fontSize: "1rem", fontWeight: 640 } } },
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } }),
    // Its title in the alert's own colour has too little contrast on the alert's tint.
    Alert: Alert.extend({ styles: { title: { color: "var(--mf-text)" } } }),
    // The placeholder can be focused and says nothing.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
});
