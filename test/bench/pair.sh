#!/usr/bin/env bash
# What people do today: the requests of one pairing with curl and jq. No check, no clean-up, no record.
set -euo pipefail
token=$(curl -sf -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials "$AUTH_URL/$ENVIRONMENT_ID/as/token" | jq -r .access_token)
base="$API_URL/environments/$ENVIRONMENT_ID/users"
user=$(curl -sf -G -H "Authorization: Bearer $token" --data-urlencode "filter=username eq \"$USERNAME\"" "$base" | jq -r '._embedded.users[0].id')
curl -sf -H "Authorization: Bearer $token" "$base/$user/devices" | jq -e '._embedded' > /dev/null
created=$(curl -sf -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d "{\"type\":\"PINGID_DESKTOP_GEN2\",\"status\":\"ACTIVATION_REQUIRED\",\"policy\":{\"id\":\"$POLICY_ID\"}}" "$base/$user/devices")
device=$(jq -r .id <<< "$created")
attestation=$(jq -r .pingIdDesktopCredentialCreationOptions <<< "$created" |
  curl -sf -H 'Content-Type: application/jwt' -H 'Origin: https://app.pingone.eu' --data-binary @- "$AGENT_URL/register")
curl -sf -H "Authorization: Bearer $token" -H 'Content-Type: application/vnd.pingidentity.device.activate+json' \
  -d "{\"attestation\":\"$attestation\"}" "$base/$user/devices/$device" | jq -e '.status == "ACTIVE"' > /dev/null
curl -sf -X PUT -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d '{"nickname":"bench"}' "$base/$user/devices/$device/nickname" > /dev/null
