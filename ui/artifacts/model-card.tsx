import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ArtifactOwner } from '../app/api.ts';
import { Code } from '../kit/copy.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, Table } from '../kit/table.tsx';
import { exampleFrame } from './example-frame.ts';
import { indentJson } from './indent-json.ts';
import { loadLines } from './load-lines.ts';
import css from './model-card.module.css';
import type { Field } from './model-file.ts';
import { modelFileQuery, textQuery } from './queries.ts';

interface ModelCardProps {
  readonly owner: ArtifactOwner;
  /** Where the model's files are, from the owner's root. */
  readonly folder: string;
  readonly name: string;
  /** What Python loads it by. */
  readonly uri: string;
  /** What can be done with it. */
  readonly actions?: ReactNode;
}

/** What one needs to use a model: the lines that load it, its signature, an example of its input. */
export function ModelCard({ owner, folder, name, uri, actions }: ModelCardProps) {
  const file = useQuery(modelFileQuery(owner, folder));
  return (
    <div className={css['card']}>
      {actions !== undefined && <p>{actions}</p>}
      <Code label={`Python that loads the model ${name}`} lines={loadLines(window.location.origin, uri)} />
      {file.isPending ? (
        <Loading what="the signature" rows={3} />
      ) : file.isError ? (
        <Failure error={file.error} onRetry={file.refetch} />
      ) : (
        <>
          <p className={css['flavors']}>
            {file.data.flavors.length > 0 && `Flavors: ${file.data.flavors.join(', ')}`}
            {file.data.mlflowVersion !== undefined && ` · logged by MLflow ${file.data.mlflowVersion}`}
          </p>
          {file.data.inputs === undefined && file.data.outputs === undefined ? (
            <p className={css['none']}>This model has no signature: what it takes and gives is not known.</p>
          ) : (
            <div className={css['signature']}>
              <Fields title="Inputs" fields={file.data.inputs} />
              <Fields title="Outputs" fields={file.data.outputs} />
              {file.data.params !== undefined && <Fields title="Parameters" fields={file.data.params} />}
            </div>
          )}
          {file.data.inputExample !== undefined && (
            <Example owner={owner} folder={folder} name={file.data.inputExample} />
          )}
        </>
      )}
    </div>
  );
}

function Fields({ title, fields }: { readonly title: string; readonly fields: readonly Field[] | undefined }) {
  if (fields === undefined || fields.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <Table
        tall
        label={title}
        rows={fields}
        rowKey={(field) => field.name ?? String(fields.indexOf(field))}
        columns={[
          { id: 'name', header: 'Name', cell: ({ name }) => name ?? <Absent says="no name" /> },
          { id: 'type', header: 'Type', cell: ({ type }) => <code className={css['type']}>{type}</code> },
          ...(fields.every(({ required }) => required)
            ? []
            : [{ id: 'required', header: 'Required', cell: (field: Field) => (field.required ? 'yes' : 'no') }]),
        ]}
      />
    </div>
  );
}

function Example({ owner, folder, name }: Pick<ModelCardProps, 'owner' | 'folder' | 'name'>) {
  const path = folder === '' ? name : `${folder}/${name}`;
  const query = useQuery(textQuery(owner, path));
  if (!query.isSuccess) return null;
  const { text } = query.data;
  const frame = exampleFrame(text);
  return (
    <div>
      <h3>Input example</h3>
      {frame === undefined ? (
        <Code label="Input example" lines={[indentJson(text)]} />
      ) : (
        <Table
          label="Input example"
          rows={frame.rows.map((cells, i) => ({ number: i + 1, cells }))}
          rowKey={(row) => String(row.number)}
          columns={[
            { id: 'row', header: 'Row', cell: (row) => row.number },
            ...frame.columns.map((header, i) => ({
              id: `column ${i}`,
              header,
              align: 'end' as const,
              cell: ({ cells }: { readonly cells: readonly string[] }) => cells[i] ?? '',
            })),
          ]}
        />
      )}
    </div>
  );
}
