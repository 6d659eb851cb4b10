import test from 'ava';
import { compileTemplate } from '../../../emulators/rest/path-template.ts';

const matched = (template: string, path: string) => {
  const variables = compileTemplate(template).match(path);
  return variables === undefined ? undefined : Object.fromEntries(variables);
};

test('a variable takes the segments that its own template names', (t) => {
  t.deepEqual(matched('/v1/{name=projects/*/topics/*}', '/v1/projects/p/topics/t'), { name: 'projects/p/topics/t' });
  t.is(matched('/v1/{name=projects/*/topics/*}', '/v1/projects/p/topics/t/more'), undefined);
  t.is(matched('/v1/{name=projects/*/topics/*}', '/v1/projects/p/schemas/t'), undefined);
});

test('a verb after the colon is part of the route, and a path with another verb is another route', (t) => {
  t.deepEqual(matched('/v1/{topic=projects/*/topics/*}:publish', '/v1/projects/p/topics/t:publish'), {
    topic: 'projects/p/topics/t',
  });
  t.is(matched('/v1/{topic=projects/*/topics/*}', '/v1/projects/p/topics/t:publish'), undefined);
  t.is(matched('/v1/{topic=projects/*/topics/*}:publish', '/v1/projects/p/topics/t'), undefined);
});

test('a project of a domain has a colon, and an encoded one in the last segment is text', (t) => {
  t.deepEqual(matched('/v1/{p=projects/*/topics/*}', '/v1/projects/example.com:p/topics/t%2Bu%3A'), {
    p: 'projects/example.com:p/topics/t+u:',
  });
});

test('several variables, nested fields and double wildcards', (t) => {
  t.deepEqual(matched('/v2/{job.name=a/*}/x/{id}', '/v2/a/1/x/2'), { 'job.name': 'a/1', id: '2' });
  t.deepEqual(matched('/v1/{name=docs/**}', '/v1/docs/a/b/c'), { name: 'docs/a/b/c' });
});
