/** Files of the API: fetched as the pages fetch everything, in the page's engagement, and handed to the browser. */
import { saveAs } from "@/ui/saving";
import { headersFor, send } from "./client";
import { ApiProblem, problemOf } from "./problem";

export async function download(path: string, name: string): Promise<void> {
  const response = await send(new Request(new URL(path, location.origin), { headers: headersFor("GET") }));
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  saveAs(await response.blob(), name);
}
