/** Every page and its address. A page is fetched when it is first opened. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { $api, api, carried } from "./api/client";
import { ApiProblem, isSignedOut } from "./api/problem";
import { MeProvider } from "./session/me";
import { SignIn } from "./session/SignIn";
import { Live } from "./shell/Connection";
import { LostPage, PageProblem } from "./shell/Failures";
import { Shell } from "./shell/Shell";
import { Waiting } from "./shell/Waiting";
import { type PageSearch, parseSearch, stringifySearch } from "./ui/search";

const RETRIES = 2;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < RETRIES && error instanceof ApiProblem && error.status >= 500,
    },
  },
});

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: () => (
    <QueryClientProvider client={queryClient}>
      <Outlet />
    </QueryClientProvider>
  ),
  notFoundComponent: LostPage,
});

const anySearch = (search: Record<string, unknown>) => search as PageSearch;

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  loader: async () => {
    carried.engagement = null;
    const me = await orSignIn(api.GET("/api/v1/me").then(({ data }) => data));
    if (me) throw redirect({ to: "/e/$engagement/flows", params: { engagement: me.engagement_id } });
  },
  errorComponent: PageProblem,
});

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn });

const engagement = createRoute({
  getParentRoute: () => root,
  path: "/e/$engagement",
  validateSearch: anySearch,
  beforeLoad: ({ params, context }) => {
    if (carried.engagement !== params.engagement) {
      carried.engagement = params.engagement;
      context.queryClient.clear();
    }
  },
  loader: async ({ context }) => {
    const me = await orSignIn(context.queryClient.ensureQueryData($api.queryOptions("get", "/api/v1/me")));
    carried.csrf = me.csrf ?? null;
    return me;
  },
  staleTime: Number.POSITIVE_INFINITY,
  component: function InEngagement() {
    const me = engagement.useLoaderData();
    return (
      <MeProvider me={me}>
        <Live>
          <Shell />
        </Live>
      </MeProvider>
    );
  },
  errorComponent: PageProblem,
  pendingComponent: Waiting,
});

async function orSignIn<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isSignedOut(error)) throw redirect({ to: "/sign-in" });
    throw error;
  }
}

type Pages = Record<string, () => Promise<Record<string, unknown>>>;

function page<Path extends string>(path: Path, load: Pages[string], name: string) {
  return createRoute({
    getParentRoute: () => engagement,
    path,
    component: lazyRouteComponent(load as never, name as never),
    errorComponent: PageProblem,
    pendingComponent: Waiting,
  });
}

const pages = [
  page("/flows", () => import("./flows/FlowsPage"), "FlowsPage"),
  page("/flows/new", () => import("./flows/NewFlowPage"), "NewFlowPage"),
  page("/flows/$flowId", () => import("./flows/FlowPage"), "FlowPage"),
  page("/inbox", () => import("./gates/InboxPage"), "InboxPage"),
  page("/inbox/$gateId", () => import("./gates/GatePage"), "GatePage"),
  page("/imports", () => import("./imports/ImportsPage"), "ImportsPage"),
  page("/imports/$importId", () => import("./imports/ImportPage"), "ImportPage"),
  page("/inventory", () => import("./assets/InventoryPage"), "InventoryPage"),
  page("/inventory/$assetId", () => import("./assets/AssetPage"), "AssetPage"),
  page("/conflicts", () => import("./assets/ConflictsPage"), "ConflictsPage"),
  page("/dependencies", () => import("./dependencies/DependenciesPage"), "DependenciesPage"),
  page("/assessment", () => import("./assessments/AssessmentPage"), "AssessmentPage"),
  page("/assessment/$assessmentId/$subjectId", () => import("./assessments/SubjectPage"), "SubjectPage"),
  page("/plan", () => import("./plans/PlanPage"), "PlanPage"),
  page("/plan/compare", () => import("./plans/ComparePage"), "ComparePage"),
  page("/insights", () => import("./analytics/InsightsPage"), "InsightsPage"),
  page("/admin", () => import("./admin/AdminPage"), "AdminPage"),
  page("/admin/$section", () => import("./admin/AdminPage"), "AdminPage"),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([index, signIn, engagement.addChildren([...pages])]),
  context: { queryClient },
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPendingMs: 300,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
