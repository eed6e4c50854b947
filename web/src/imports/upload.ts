/** Sends a file and tells how much of it is there; fetch cannot tell, so this is an XMLHttpRequest. */
import { headersFor } from "@/api/client";
import { ApiProblem, unreachable } from "@/api/problem";
import type { ImportOut, Problem } from "@/api/schema";

export function upload(file: File, onProgress: (share: number) => void): Promise<ImportOut> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/imports");
    for (const [name, value] of Object.entries(headersFor("POST"))) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ApiProblem(unreachable("the connection broke off")));
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as ImportOut);
      else reject(new ApiProblem(problemIn(request.responseText, request.status)));
    };
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

export function problemIn(text: string, status: number): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { ...unreachable(`status ${status}`), status };
  }
}
