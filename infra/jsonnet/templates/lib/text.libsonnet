// Texts that are the same, byte for byte, as those of the TypeScript builder.
local short = { '8': '\\b', '9': '\\t', '10': '\\n', '12': '\\f', '13': '\\r' };
local control(code) = [std.char(code), std.get(short, '%d' % code, '\\u%04x' % code)];
local escapes = [['\\', '\\\\'], ['"', '\\"']] + [control(code) for code in std.range(0, 31)];
local replaced(text, pair) = std.strReplace(text, pair[0], pair[1]);

{
  local text = self,

  // JSON for people: indented, keys in the order of their code points, numbers as short as they can be.
  json(value, indent='')::
    local inner = indent + '  ';
    local block(open, parts, close) =
      if std.length(parts) == 0 then open + close
      else open + '\n' + std.join(',\n', [inner + part for part in parts]) + '\n' + indent + close;
    if std.isNumber(value) then text.number(value)
    else if std.isArray(value) then block('[', [text.json(part, inner) for part in value], ']')
    else if std.isObject(value) then
      block('{', [text.quoted(key) + ': ' + text.json(value[key], inner) for key in std.objectFields(value)], '}')
    else if std.isString(value) then text.quoted(value)
    else std.toString(value),

  // Only what JSON demands is escaped: implementations of std.escapeStringJson differ in the rest. Most
  // texts need no escape at all, which is seen at once.
  quoted(value)::
    local isPlain = std.length(std.encodeUTF8(value)) == std.length(value) &&
                    std.length(std.escapeStringJson(value)) == std.length(value) + 2;
    '"' + (if isPlain then value else std.foldl(replaced, escapes, value)) + '"',

  // std.toString(0.96) is 0.95999999999999996. The shortest decimal of at most 15 places that gives the
  // number back is found by a division that rounds once; where there is none, 17 digits.
  number(value)::
    local size = std.abs(value);
    local sign = if value < 0 then '-' else '';
    local go(places) =
      if places > 15 then std.toString(size) else
        local power = text.powers[places];
        local digits = std.floor(size * power + 0.5);
        if digits < 9e15 && digits / power == size then text.decimal(digits, places) else go(places + 1);
    if size == 0 then '0' else if size >= 9e15 then sign + std.toString(size) else sign + go(0),

  powers:: std.makeArray(16, function(places) std.parseJson('1e%d' % places)),

  decimal(digits, places)::
    local all = std.toString(digits);
    local padded = std.repeat('0', std.max(0, places + 1 - std.length(all))) + all;
    local whole = std.length(padded) - places;
    if places == 0 then padded else std.substr(padded, 0, whole) + '.' + std.substr(padded, whole, places),

  // A value as it stands in a sentence.
  show(value)::
    local all = if std.isString(value) then text.quoted(value) else std.manifestJsonMinified(value);
    if std.isNumber(value) then text.number(value)
    else if std.length(all) > 80 then std.substr(all, 0, 79) + '…' else all,

  // Kubernetes replaces $(NAME) and turns $$ into $; a text it shall leave alone has every $ doubled.
  literal(value):: std.strReplace(value, '$', '$$'),

  // The NAMEs of $(NAME) in a text, but not those of $$(NAME).
  names(value)::
    local go(at, found) =
      local next = std.findSubstr('$', value[at:]);
      if std.length(next) == 0 then found else
        local here = at + next[0];
        local mark = std.substr(value, here + 1, 1);
        if mark == '$' then go(here + 2, found)
        else if mark != '(' then go(here + 1, found)
        else
          local ends = std.findSubstr(')', value[here + 2:]);
          if std.length(ends) == 0 then found
          else go(here + 3 + ends[0], found + [std.substr(value, here + 2, ends[0])]);
    go(0, []),

  // The candidate that was probably meant: at most a third of the letters inserted, removed, changed or
  // swapped (optimal string alignment distance); null when none is close.
  nearest(word, candidates)::
    local most = std.max(1, std.floor(std.min(std.length(word), 64) / 3)) + 1;
    local better(best, candidate) =
      if std.abs(std.length(candidate) - std.length(word)) >= best.distance then best else
        local distance = text.distance(std.asciiLower(word), std.asciiLower(candidate));
        if distance < best.distance then { name: candidate, distance: distance } else best;
    std.foldl(better, candidates, { name: null, distance: most }).name,

  distance(a, b)::
    local width = std.length(b);
    local step(rows, i) =
      local cell(row, j) =
        local change = rows.last[j - 1] + (if a[i - 1] == b[j - 1] then 0 else 1);
        local plain = std.min(change, std.min(rows.last[j] + 1, row[j - 1] + 1));
        local isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        row + [if isSwap then std.min(plain, rows.before[j - 2] + 1) else plain];
      { before: rows.last, last: std.foldl(cell, std.range(1, width), [i]) };
    std.foldl(step, std.range(1, std.length(a)), { before: [], last: std.range(0, width) }).last[width],
}
