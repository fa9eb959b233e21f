import { readdirSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Calls a second of a bare session, in the main thread and without a server, over the model that was compiled for it. */
export async function bareOnnx(folder: string, rows: number): Promise<number> {
  const [file] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
  if (file === undefined) throw new Error(`There is no compiled model in ${folder}.`);
  const session = await InferenceSession.create(path.join(folder, file), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`The input ${input.name} is no tensor.`);
      const width = typeof input.shape[1] === 'number' ? input.shape[1] : 1;
      return [
        input.name,
        new Tensor(
          input.type as 'float32',
          input.type === 'float64' ? new Float64Array(rows * width).fill(13) : new Float32Array(rows * width).fill(13),
          [rows, width],
        ),
      ];
    }),
  );
  await session.run(feeds);
  let calls = 0;
  const start = performance.now();
  while (performance.now() - start < 3000) {
    await session.run(feeds);
    calls++;
  }
  return (calls * 1000) / (performance.now() - start);
}
