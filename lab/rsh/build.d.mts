// SPDX-License-Identifier: MIT
export function buildRsh(options: { outFolder: string }): Promise<{ client: string; server: string }>;
