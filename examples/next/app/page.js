import { headers } from 'next/headers';
import { hostname } from 'node:os';

// Rendered anew for every visitor, on whichever task the load balancer chose.
export const dynamic = 'force-dynamic';

export default async function Page() {
  const asked = await headers();
  return (
    <main>
      <h1>Rendered by {hostname()}</h1>
      <p>For {asked.get('x-forwarded-for') ?? 'nobody in particular'}</p>
      <p>Version {process.env.VERSION ?? '1'}</p>
      <a href="/items/42">An item</a>
    </main>
  );
}
