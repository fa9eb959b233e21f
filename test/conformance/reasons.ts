/** Why Cellar answers otherwise than MLflow, where it does. Each stands in docs/reference/compatibility.md with its cases. */
export const reasons = {
  'no 500 for a mistake':
    "MLflow answers 500, which its clients repeat for minutes. A caller's mistake is a 4xx here, whose message says what would be right.",
  'no silent default':
    'MLflow drops what it cannot read of a message and goes on with defaults. Cellar refuses the message and names the field.',
  'both spellings':
    'MLflow accepts camelCase for optional fields and not for required ones. Cellar accepts it for all.',
  'lenient scalars':
    'Clients such as R send booleans as text and absent values as empty lists or objects. Cellar reads them as they are meant.',
  'json errors':
    'MLflow answers HTML or plain text. Cellar answers JSON with an error_code, which every client can read.',
  'exact codes': 'MLflow uses BAD_REQUEST where a more exact code exists, on which a client can act.',
  'default experiment': 'A run without an experiment goes to the default experiment, as it did in MLflow before 3.',
  'default page size': 'A search without max_results gives a page of 1000, as the Python client asks for.',
  'safe to repeat': 'Clients repeat a POST whose answer was lost. Writing the same twice is no error here.',
  'exact integers':
    'Integers beyond 2^53 - 1 cannot be held exactly. Cellar refuses them and MLflow stores or clips them.',
  'text that both engines hold':
    'PostgreSQL holds neither NUL nor half a character. Cellar refuses both, on SQLite too.',
  'strict paths': 'One rule for every artifact path: what could mean another place on another system is refused.',
  'no local locations': "A client cannot name a directory of the server's machine as a place for artifacts.",
  'nothing lost': 'MLflow drops or alters what was sent. Cellar keeps it.',
  'more filters':
    'Cellar understands more of the filter language than MLflow does; what MLflow understands means the same.',
  'wider types': 'A filter that compares names or takes a type which MLflow refuses or never matches.',
  'last wins':
    'Where one tag is given twice in one request the last one counts, as MLflow has it in log-batch, and nowhere else.',
  'empty is absent':
    'An empty text is no value: a run gets a random name, where MLflow stumbles, and a dataset without a name is refused.',
  'exact types': 'MLflow turns true into the number 1. Cellar asks for a number.',
  'the path says it': 'What stands in the path need not be said again in the body.',
  'deleted is gone': 'A deleted logged model is not found, for changes as for reads.',
  'no half filters': 'MLflow makes something of a filter or an order that is none. Cellar says what is wrong with it.',
  'as HTTP has it': 'A Range that is not understood is ignored, and media types have no case, as RFC 9110 asks for.',
  'one latest':
    'Of a 0 and a NaN at the same step and time MLflow shows the first. Cellar shows the NaN, whatever came first.',
  'says more':
    'Cellar fills in what MLflow leaves out: aliases of versions in lists, models that went into a run, and how many points a sample stands for.',
  'uploads in parts': 'MLflow takes uploads in parts for buckets alone. Cellar takes them itself.',
  'own pages only': 'MLflow lets a page of any port on this machine write. Cellar asks the operator first.',
} as const;

export type Reason = keyof typeof reasons;
