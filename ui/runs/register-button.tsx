import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import type { ModelChoice, RegisterModel } from './bulk-bar.tsx';

interface RegisterButtonProps {
  readonly model: ModelChoice;
  readonly register: RegisterModel;
}

/** Opens the window that registers a model of a run. */
export function RegisterButton({ model, register }: RegisterButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        Register model
      </Button>
      {isOpen && register([model], () => setOpen(false))}
    </>
  );
}
