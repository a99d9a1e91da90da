"""How findings are told: as text, json, SARIF, or annotations of GitHub's."""
