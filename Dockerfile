# One image for every program of Baton; docker-compose.yml says which one runs. Node runs the sources as they are.
FROM node:24-slim AS manifests
WORKDIR /baton
COPY package.json package-lock.json .npmrc ./
COPY apps apps
COPY packages packages
# What is left changes only when a dependency does, so the install below stays cached while sources change.
RUN find apps packages -type f ! -name package.json -delete

FROM node:24-slim
# Agents work in git worktrees; remote repositories are reached over https or ssh.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /baton
COPY --from=manifests /baton ./
# Optional packages are the embedded Postgres and Node itself: the one is a service of its own here, the other is there.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY apps apps
COPY packages packages
COPY drizzle drizzle
COPY examples examples
RUN mkdir /data && chown node:node /data
USER node
ENV BATON_DATA_DIR=/data
# A program that starts again finds what Node made of its sources the time before.
ENV NODE_COMPILE_CACHE=/tmp/node
VOLUME /data
EXPOSE 3000
CMD ["node", "apps/api/src/main.ts"]
