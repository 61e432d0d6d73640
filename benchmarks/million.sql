-- Rows for `million.py`. %(conversations)s, %(every)s (of them one is fixed's), %(epoch)s, %(messages)s a conversation.

-- Whoever takes part, by number: heavy is 0, fixed 1, light 2, then fifty owners, then the guests.
CREATE TEMP TABLE people AS
    SELECT persona.id AS persona, user_id AS holder, address, row_number() OVER (ORDER BY user_id) - 1 AS number
    FROM connexion_plugin_persona persona;

-- Their last activity has nothing to do with the order in which they are stored.
CREATE TEMP TABLE drawn AS
    SELECT number, md5('conversation' || number)::uuid AS id, md5('owner' || number)::uuid AS owner_seat,
        now() - random() * interval '300 days' AS at, 3 + number %% 50 AS owner,
        CASE WHEN number %% 10 = 1 THEN 0 WHEN number %% %(every)s = 2 THEN 1
            ELSE 53 + 2 * (number * 7919 %% half) END AS guest,
        54 + 2 * (number * 6133 %% half) AS other_guest
    FROM generate_series(1::bigint, %(conversations)s) number, (SELECT (count(*) - 54) / 2 AS half FROM people) guests;

INSERT INTO connexion_plugin_conversation (id, organization_id, collaborator_id, title_sealed, title_key,
    title_epoch_id, title_expires_at, last_sequence, last_line, last_hash, activity_at, created_at,
    hides_participants)
SELECT drawn.id, enrolment.organization_id, enrolment.id, decode(repeat('00', 70), 'hex'),
    decode(repeat('00', 60), 'hex'), %(epoch)s, at + interval '364 days', %(messages)s, 2,
    decode(repeat('00', 32), 'hex'), at, at - interval '1 day', false
FROM drawn JOIN people ON people.number = owner
    JOIN connexion_plugin_collaborator enrolment ON enrolment.address = people.address
ORDER BY 1;

INSERT INTO connexion_plugin_participation (id, conversation_id, persona_id, holder_id, role, seat, may_reply,
    sees_after, invited_at, joined_at, entered_at, in_inbox, unopened_count, last_posted_sequence, activity_at)
SELECT seated.id, conversation, persona, holder, role, 'taken', true, 0, at, at, at, true,
    CASE WHEN seated.number %% 100 = 1 THEN 1 ELSE 0 END, %(messages)s, at
FROM (
    SELECT number, at, id AS conversation, owner_seat AS id, 'owner' AS role, owner AS who FROM drawn
    UNION ALL SELECT number, at, id, md5('guest' || number)::uuid, 'participant', guest FROM drawn
    UNION ALL SELECT number, at, id, md5('other' || number)::uuid, 'participant', other_guest FROM drawn
) seated JOIN people ON people.number = who
ORDER BY 1;

INSERT INTO connexion_plugin_message (id, conversation_id, sender_id, sequence, text_sealed, key, epoch_id,
    posted_at, expires_at, is_held, idempotency_key, documents_count, documents_bytes)
SELECT md5(number || '-' || sequence)::uuid, drawn.id, owner_seat, sequence, decode(repeat('00', 100), 'hex'),
    decode(repeat('00', 60), 'hex'), %(epoch)s, posted_at, posted_at + interval '364 days', false,
    md5('key' || number || '-' || sequence)::uuid, 0, 0
FROM drawn CROSS JOIN generate_series(1, %(messages)s) sequence
    CROSS JOIN LATERAL (SELECT at - (%(messages)s - sequence) * interval '5 minutes' AS posted_at) moment
ORDER BY 1;
