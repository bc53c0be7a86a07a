# The server with the bundled model: `docker build -t hearken .`; see docs/guides/deploying.md.

FROM node:20-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run -s build

# What recognition needs: tfjs (packages of development) and native TensorFlow (an optional one) are for training and token models.
FROM node:20-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json ./
COPY models ./models
COPY cli/picture/font.png ./cli/picture/
RUN install -d -o node -g node -m 700 /var/lib/hearken
USER node
VOLUME /var/lib/hearken
EXPOSE 8080 2700
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--sessions", "/var/lib/hearken"]
