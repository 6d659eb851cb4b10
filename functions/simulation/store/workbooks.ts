import type { Transaction } from '#core/database.ts';

/** A file that is a workbook, or was taken for one. */
export interface ParsedWorkbook {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  /** Where the clean file lies. */
  object: string;
  generation: string;
  refusal: { code: string; detail: string } | undefined;
  /** What it holds, as it is answered over HTTP; undefined where it was refused. */
  contents: unknown;
  parsedAt: Date;
}

interface WorkbookRow {
  workbook_id: string;
  name: string;
  bytes: string;
  sha256: string;
  object: string;
  generation: string;
  refusal_code: string | null;
  refusal_detail: string | null;
  contents: unknown;
  parsed_at: Date;
}

/** Stores a workbook, or what a newer scan of its file found. */
export async function storeWorkbook(tx: Transaction, workbook: ParsedWorkbook): Promise<void> {
  const { id, name, bytes, sha256, object, generation, refusal, contents, parsedAt } = workbook;
  await tx`
    insert into workbooks (workbook_id, name, bytes, sha256, object, generation, state, refusal_code, refusal_detail, contents, parsed_at)
    values (${id}, ${name}, ${bytes}, ${sha256}, ${object}, ${generation}, ${refusal === undefined ? 'read' : 'refused'},
      ${refusal?.code ?? null}, ${refusal?.detail ?? null}, ${contents === undefined ? null : tx.json(contents as never)}, ${parsedAt})
    on conflict (tenant, workbook_id) do update set name = excluded.name, bytes = excluded.bytes, sha256 = excluded.sha256,
      object = excluded.object, generation = excluded.generation, state = excluded.state, refusal_code = excluded.refusal_code,
      refusal_detail = excluded.refusal_detail, contents = excluded.contents, parsed_at = excluded.parsed_at`;
}

/** Undefined where the tenant has no workbook by that id. */
export async function findWorkbook(tx: Transaction, id: string): Promise<ParsedWorkbook | undefined> {
  const [row] = await tx<
    WorkbookRow[]
  >`select * from workbooks where tenant = current_tenant() and workbook_id = ${id}`;
  if (row === undefined) return undefined;
  return {
    id: row.workbook_id,
    name: row.name,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    object: row.object,
    generation: row.generation,
    refusal: row.refusal_code === null ? undefined : { code: row.refusal_code, detail: row.refusal_detail ?? '' },
    contents: row.contents ?? undefined,
    parsedAt: row.parsed_at,
  };
}

/** Its file is gone: runs that are over keep their results. */
export async function removeWorkbook(tx: Transaction, id: string): Promise<void> {
  await tx`delete from workbooks where tenant = current_tenant() and workbook_id = ${id}`;
}
