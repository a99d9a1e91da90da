-- Drives Neovim through squiggle, hover and quick fix; tells what it saw as JSON in $SEEN.
local seen = {}
local function wait(condition)
  return vim.wait(8000, condition, 20)
end

local ok, problem = pcall(function()
  assert(wait(function() return #vim.diagnostic.get(0) > 0 end), "no diagnostics came")
  seen.diagnostics = vim.diagnostic.get(0)
  local first = seen.diagnostics[1]
  for _, each in ipairs(seen.diagnostics) do
    if each.severity < first.severity then first = each end
  end
  seen.first = first
  vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })

  local client = vim.lsp.get_active_clients and vim.lsp.get_active_clients()[1]
    or vim.lsp.get_clients()[1]
  local place = vim.lsp.util.make_position_params(0, client.offset_encoding)
  local function ask(method, params)
    for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 15000)) do
      return answer.result
    end
  end
  seen.hover = ask("textDocument/hover", place)

  local actions = ask("textDocument/codeAction", {
    textDocument = place.textDocument,
    range = { start = place.position, ["end"] = place.position },
    context = { diagnostics = {}, only = { "quickfix" } },
  })
  seen.title = actions[1].title
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  seen.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  seen.gone = wait(function()
    for _, each in ipairs(vim.diagnostic.get(0)) do
      if each.code == first.code then return false end
    end
    return true
  end)
end)
if not ok then seen.problem = tostring(problem) end
vim.fn.writefile({ vim.json and vim.json.encode(seen) or vim.fn.json_encode(seen) }, vim.env.SEEN)
vim.cmd("qall!")
